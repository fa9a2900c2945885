// SPDX-License-Identifier: GPL-2.0
/*
 * guest_abi: describe a host for those who choose a VM that a fleet of hosts can take.
 * docs/fleet.md has the file's schema.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>

#include "cap_record.h"
#include "cpu_kind.h"
#include "guest_abi.h"
#include "host.h"
#include "id_regs.h"
#include "psci.h"
#include "vgic.h"
#include "vm.h"
#include "vmm/create.h"
#include "vmm/save.h"

#define MAX_CHAIN 64 /* steps down a field */
#define MAX_IDS 256 /* registers with op0 3 and CRn 0 */

/* One VM to try values on, another whose guest reads registers */
struct shape_vms {
	struct test_vm *tried, *read;
	struct kvm_reg_list *list; /* of vCPU 0 */
	u64 mask[ID_NR_MASKS];
	bool has_masks;
	struct guest_reg view[MAX_IDS + 8]; /* what the guest reads */
	unsigned int nr_view;
};

/* Registers that guests read and KVM does not list, or not as guests read them */
static const struct {
	const char *name;
	u64 id;
} guest_only[] = {
	{ "DCZID_EL0", ABI_REG_SYS(3, 3, 0, 0, 7) },
	{ "CNTFRQ_EL0", ABI_REG_SYS(3, 3, 14, 0, 0) },
	{ "ICC_CTLR_EL1", ABI_REG_SYS(3, 0, 12, 12, 4) },
	{ "PMCEID0_EL0", ABI_REG_SYS(3, 3, 9, 12, 6) },
	{ "PMCEID1_EL0", ABI_REG_SYS(3, 3, 9, 12, 7) },
};

bool reg_is_id(u64 id)
{
	unsigned int op1 = id >> 11 & 7;

	/* Op0 3, op1 not 2, where CSSELR_EL1 is, CRn 0 */
	return reg_coproc(id) == ABI_COPROC_SYS && (id & 0xc780) == 0xc000 && op1 != 2;
}

static bool takes(struct test_vm *vm, u64 id, u64 val)
{
	u64 now;

	return !__reg_set(vm->vcpu[0], id, val) && !__reg_get(vm->vcpu[0], id, &now) && now == val;
}

/* The value that the guest reads, or @val if it reads none */
static u64 guest_value(const struct shape_vms *vms, u64 id, u64 val)
{
	struct guest_reg read = { .how = GUEST_REG_MISSED };
	unsigned int i;

	if (reg_coproc(id) == ABI_COPROC_DEMUX)
		guest_reads(vms->read, 0, id, &read);
	for (i = 0; i < vms->nr_view; i++)
		if (vms->view[i].id == id)
			read = vms->view[i];
	return read.how == GUEST_REG_DONE ? read.val : val;
}

/*
 * The values of a field that the VM can be given, its own first, each the next best of the one
 * before. A field that KVM sets by the vGIC has none.
 */
static void print_field(FILE *out, const struct shape_vms *vms, const struct id_reg_field *field,
			u64 val, const char *comma)
{
	u64 now = id_field_get(field, val), next;
	bool writable = !vms->has_masks || id_mask(vms->mask, field->id) & id_field_mask(field);
	unsigned int i;

	fprintf(out, "%s[\"%s\", %u, %u, [", comma, field->name, field->low, field->width);
	if (id_field_is_forced(field)) {
		fprintf(out, "]]");
		return;
	}
	fprintf(out, "%lu", id_field_get(field, guest_value(vms, field->id, val)));
	for (i = 0; writable && i < MAX_CHAIN && id_field_lower(field, now, &next); i++) {
		if (takes(vms->tried, field->id, id_field_put(field, val, next)))
			fprintf(out, ", %lu", next);
		now = next;
	}
	__reg_set(vms->tried->vcpu[0], field->id, val);
	fprintf(out, "]]");
}

static void print_fields(FILE *out, const struct shape_vms *vms, u64 id, u64 val)
{
	const struct id_reg_field *field = NULL;
	const char *comma = "";

	fprintf(out, ", \"fields\": [");
	while ((field = id_reg_next(field))) {
		if (field->id != id)
			continue;
		print_field(out, vms, field, val, comma);
		comma = ", ";
	}
	fprintf(out, "]");
}

/* A field of those of @vals that the register can be given */
static void print_tried(FILE *out, const struct shape_vms *vms, u64 id, u64 val, unsigned int low,
			unsigned int width, const u64 *vals, unsigned int nr)
{
	const struct id_reg_field field = { .id = id, .low = low, .width = width };
	u64 now = id_field_get(&field, val);
	unsigned int i;

	fprintf(out, ", \"fields\": [[\"\", %u, %u, [%lu", low, width, now);
	for (i = 0; i < nr; i++)
		if (vals[i] != now && takes(vms->tried, id, id_field_put(&field, val, vals[i])))
			fprintf(out, ", %lu", vals[i]);
	__reg_set(vms->tried->vcpu[0], id, val);
	fprintf(out, "]]]");
}

/* PSCI_VERSION, newest first, and the levels of workarounds, best first */
static void print_firmware(FILE *out, const struct shape_vms *vms, u64 id, u64 val)
{
	const struct host_psci *psci = host_psci();
	u64 vals[HOST_MAX_PSCI + NR_PSCI_VERSIONS];
	unsigned int i, nr = 0;

	if (id == ABI_PSCI_VERSION) {
		for (i = psci->nr_unknown; i--;)
			vals[nr++] = psci->unknown[i];
		for (i = NR_PSCI_VERSIONS; i--;)
			vals[nr++] = psci_versions[i].value;
	} else {
		for (i = 4; i--;)
			if (i < val)
				vals[nr++] = i;
	}
	print_tried(out, vms, id, val, 0, 64, vals, nr);
}

/* PMCR_EL0.N: how many counters there are [devices/vcpu.rst 1.5] */
static void print_counters(FILE *out, const struct shape_vms *vms, u64 val)
{
	u64 vals[31];
	unsigned int i, nr = 0;

	for (i = val >> 11 & 0x1f; i--;)
		vals[nr++] = i;
	print_tried(out, vms, ABI_PMCR_EL0, val, 11, 5, vals, nr);
}

/* Whether a register takes a value that it did not have, with another bit that is legal */
static bool takes_any(const struct shape_vms *vms, u64 id, u64 val)
{
	/* CLIDR_EL1.ICB; CCSIDR_EL1.NumSets */
	u64 other = val ^ (id == ABI_CLIDR_EL1 ? 1UL << 30 : 1UL << 13);
	bool any = takes(vms->tried, id, other);

	__reg_set(vms->tried->vcpu[0], id, val);
	return any;
}

/* Whether data/registers.list ties the register to a feature that this VM lacks */
static bool is_unreachable(struct test_vm *vm, u64 id)
{
	const struct reg_history *history = reg_history();
	unsigned int i;

	for (i = 0; i < history->nr; i++)
		if (history->record[i].id == id && !reg_condition(vm, history->record[i].condition))
			return true;
	return false;
}

static void print_reg(FILE *out, const struct shape_vms *vms, u64 id, const char *comma)
{
	unsigned int coproc = reg_coproc(id);
	struct reg_value reg = { .id = id };
	u64 val;
	int err;

	fprintf(out, "%s\n    \"0x%lx\": {\"name\": \"%s\"", comma, id, reg_name(id));
	err = __reg_ioctl(vms->tried->vcpu[0], KVM_GET_ONE_REG, id, reg.val);
	memcpy(&val, reg.val, sizeof(val));
	if (is_unreachable(vms->tried, id))
		fprintf(out, ", \"unreachable\": true");
	if (!err && reg_bytes(id) <= sizeof(val) && !reg_is_counter(id)) {
		if (reg_is_id(id) || coproc == ABI_COPROC_DEMUX)
			fprintf(out, ", \"value\": \"0x%lx\"", guest_value(vms, id, val));
		else
			fprintf(out, ", \"reset\": \"0x%lx\"", val);
		if (id == ABI_CLIDR_EL1 || coproc == ABI_COPROC_DEMUX)
			fprintf(out, ", \"any\": %s", takes_any(vms, id, val) ? "true" : "false");
		else if (reg_is_id(id))
			print_fields(out, vms, id, val);
		else if (coproc == ABI_COPROC_FW)
			print_firmware(out, vms, id, val);
		else if (id == ABI_PMCR_EL0)
			print_counters(out, vms, val);
	}
	fprintf(out, "}");
}

static void print_guest_only(FILE *out, const struct shape_vms *vms)
{
	const struct guest_reg *reg = &vms->view[vms->nr_view - ARRAY_SIZE(guest_only)];
	const char *comma = "";
	unsigned int i;

	fprintf(out, "   \"guest\": {");
	for (i = 0; i < ARRAY_SIZE(guest_only); i++) {
		if (reg[i].how != GUEST_REG_DONE)
			continue;
		fprintf(out, "%s\"%s\": \"0x%lx\"", comma, guest_only[i].name, reg[i].val);
		comma = ", ";
	}
	fprintf(out, "},\n");
}

static void print_vector_lengths(FILE *out, const struct shape_vms *vms)
{
	const char *comma = "";
	u64 vls[8] = { 0 };
	unsigned int i;

	fprintf(out, "   \"sve_vq\": [");
	if (vms->tried->features & 1U << KVM_ARM_VCPU_SVE &&
	    !__reg_ioctl(vms->tried->vcpu[0], KVM_GET_ONE_REG, ABI_REG_SVE_VLS, vls)) {
		for (i = 0; i < 64 * ARRAY_SIZE(vls); i++) {
			if (!(vls[i / 64] >> i % 64 & 1))
				continue;
			/* Bit n of the register is n + 1 quadwords [api.rst 4.68] */
			fprintf(out, "%s%u", comma, i + 1);
			comma = ", ";
		}
	}
	fprintf(out, "],\n");
}

static void guest_view(struct shape_vms *vms)
{
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < vms->list->n; i++)
		if (reg_is_id(vms->list->reg[i]) && vms->nr_view < MAX_IDS)
			vms->view[vms->nr_view++].id = vms->list->reg[i];
	for (i = 0; i < ARRAY_SIZE(guest_only); i++)
		vms->view[vms->nr_view++].id = guest_only[i].id;
	guest_regs(vms->read, 0, vms->view, vms->nr_view, &res);
	TEST_ASSERT(res.end == GUEST_DONE, "Reading ID registers: the guest %s",
		    guest_end_str(&res));
}

static void print_shape(FILE *out, const struct vm_config *config)
{
	struct shape_vms vms = { .tried = vmm_create_ready(config) };
	const char *comma = "";
	unsigned int i;

	vms.read = vmm_create_ready(config);
	vms.list = vcpu_get_reg_list(vms.tried->vcpu[0]);
	vms.has_masks = id_masks(vms.tried, vms.mask);
	guest_view(&vms);
	fprintf(out, "  \"%s\": {\n   \"masks\": %s,\n", config->name,
		vms.has_masks ? "true" : "false");
	print_vector_lengths(out, &vms);
	print_guest_only(out, &vms);
	fprintf(out, "   \"registers\": {");
	for (i = 0; i < vms.list->n; i++) {
		print_reg(out, &vms, vms.list->reg[i], comma);
		comma = ",";
	}
	fprintf(out, "}}");
	free(vms.list);
	test_vm_free(vms.read);
	test_vm_free(vms.tried);
}

/* The revisions of GICD_IIDR that a vGIC takes, newest first; nothing if there is no vGIC */
static const char *print_vgic(FILE *out, unsigned int version, const char *comma)
{
	struct test_vm *vm = vmm_create(&vm_configs[CONFIG_PLAIN], version);
	unsigned int revision, newest;

	if (!vm)
		return comma;
	vgic_init(vm);
	newest = ABI_IIDR_REVISION(vgic_get(vm, 0, &vgic_iidr));
	fprintf(out, "%s\"%u\": {\"iidr\": [%u", comma, version, ABI_IIDR(newest));
	for (revision = newest; --revision;)
		if (!__vgic_set(vm, 0, &vgic_iidr, ABI_IIDR(revision)) &&
		    vgic_get(vm, 0, &vgic_iidr) == ABI_IIDR(revision))
			fprintf(out, ", %u", ABI_IIDR(revision));
	fprintf(out, "], \"typer2\": \"0x%x\"}", version == 3 ? vgic_get(vm, 0, &vgic_typer2) : 0);
	test_vm_free(vm);
	return ", ";
}

static void print_bitmaps(FILE *out, const struct fw_config *fw)
{
	unsigned int b;

	fprintf(out, " \"bitmaps\": {");
	for (b = 0; b < NR_BMAPS; b++)
		fprintf(out,
			"%s\n  \"0x%lx\": {\"name\": \"%s\", \"register\": %s, \"accepts\": \"0x%lx\", \"reset\": \"0x%lx\"}",
			b ? "," : "", fw_bitmaps[b].reg.id, reg_name(fw_bitmaps[b].reg.id),
			fw->has_reg[b] ? "true" : "false", fw->present[b] | fw->unknown[b],
			fw->bmap[b]);
	fprintf(out, "},\n");
}

/* As a VM has them; some are errors to ask for */
static void print_capabilities(FILE *out, const struct test_vm *vm)
{
	const struct cap_history *history = cap_history();
	const char *comma = "";
	unsigned int i, nr, last = ~0U;
	int val;

	fprintf(out, " \"capabilities\": {");
	for (i = 0; i < history->nr; i++) {
		nr = history->record[i].nr;
		val = ioctl(vm->kvm->fd, KVM_CHECK_EXTENSION, nr);
		if (nr == last || val <= 0)
			continue;
		last = nr;
		fprintf(out, "%s\n  \"%s\": %d", comma, history->record[i].name, val);
		comma = ",";
	}
	fprintf(out, "},\n");
}

static void print_host(FILE *out)
{
	const struct vm_config *config;
	struct fw_config fw;
	struct utsname uts;
	struct test_vm *vm;
	const char *comma;
	unsigned int i;
	u64 midr;

	uname(&uts);
	/* A release has no quotes and backslashes, but then it is the kernel's word */
	uts.release[strcspn(uts.release, "\"\\")] = '\0';
	vm = config_vm(CONFIG_PLAIN, 0);
	midr = vmm_host_midr(vm);
	host_fw(&fw);
	fprintf(out, "{\n \"format\": \"kvm-guest-abi host\", \"version\": 1,\n");
	fprintf(out, " \"release\": \"%s\", \"mode\": \"%s\",\n", uts.release, host_mode());
	fprintf(out, " \"cpu\": \"%s\", \"midr\": \"0x%lx\",\n", cpu_kind_str(midr), midr);
	fprintf(out, " \"ipa_bits\": %u, \"smc\": %s,\n", vm_ipa_limit(),
		fw.smc ? "true" : "false");
	print_bitmaps(out, &fw);
	fprintf(out, " \"vgics\": {");
	comma = print_vgic(out, 3, "");
	print_vgic(out, 2, comma);
	fprintf(out, "},\n");
	print_capabilities(out, vm);
	test_vm_free(vm);
	fprintf(out, " \"shapes\": {");
	comma = "\n";
	for (i = 0; (config = shape_config_at(i)); i++) {
		if (config_missing(config))
			continue;
		fprintf(out, "%s", comma);
		print_shape(out, config);
		comma = ",\n";
	}
	fprintf(out, "}\n}\n");
}

int host_command(const char *name)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int status = 1;

	TEST_ASSERT(out, "No memory for the description");
	print_host(out);
	if (!fclose(out))
		status = write_text(text, name);
	free(text);
	return status;
}
