// SPDX-License-Identifier: GPL-2.0
/*
 * Restoring a VM in the manner of a VMM.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"
#include "reg_list.h"
#include "smccc.h"
#include "vgic_image.h"
#include "vmm.h"

/* One restore */
struct restore {
	const struct state *state;
	const struct vmm_manner *manner;
	struct test_vm *vm;
	FILE *out;
	const char *step;
	unsigned int cpu;
	struct kvm_reg_list *list; /* of vCPU 0 of the fresh VM */
	bool refused;
};

static const char *errno_str(int err)
{
	return err ? strerrorname_np(-err) ?: "unknown" : "0";
}

/* The words that all lines about a register have */
static void print_reg(const struct restore *r, const char *what, const char *name, u64 id,
		      const char *value, int err)
{
	fprintf(r->out, "%s step=%s vcpu=%u reg=%s id=%#lx value=%s errno=%s", what, r->step,
		r->cpu, name, id, value, errno_str(err));
}

/* Returns whether the VMM goes on; most stop here, so that nothing more is to be said */
static bool refuse(struct restore *r, const char *name, u64 id, const char *value, int err)
{
	print_reg(r, "refused", name, id, value, err);
	fprintf(r->out, "\n");
	r->refused = true;
	return r->manner->aware || r->manner->tries_all;
}

static bool firmware_bitmap(u64 id, unsigned int *b)
{
	for (*b = 0; *b < NR_BMAPS; (*b)++)
		if (fw_bitmaps[*b].id == id)
			return true;
	return false;
}

/* Whether CLIDR_EL1 has a cache for what a CCSIDR register is about [Arm ARM, CLIDR_EL1] */
static bool cache_exists(const struct restore *r, u64 id)
{
	const struct reg_value *clidr =
		state_reg(&r->state->vcpu[r->cpu], ABI_REG_SYS(3, 1, 0, 0, 1));
	unsigned int csselr = id & 0xf, type;
	u64 val;

	if (!clidr)
		return true;
	memcpy(&val, clidr->val, sizeof(val));
	type = val >> csselr / 2 * 3 & 7;
	/* 1: instructions, 2: data, 3: both apart, 4: unified */
	return csselr & 1 ? type & 1 : type >= 2;
}

/* Registers whose value a kernel that does not list them gives the guest all the same */
static const struct {
	u64 id, val;
} implied_regs[] = {
	{ ABI_REG_SYS(2, 0, 1, 1, 4), 0x8 }, /* OSLSR_EL1: unlocked, OSLM 0b10 */
};

static bool is_timer_ctl(u64 id)
{
	return id == ABI_REG_SYS(3, 3, 14, 2, 1) || id == ABI_REG_SYS(3, 3, 14, 3, 1);
}

/* CNTx_CTL_EL0.ISTATUS is unknown while ENABLE is 0 [Arm ARM, CNTV_CTL_EL0] */
static bool timer_is_off(const struct reg_value *reg)
{
	return is_timer_ctl(reg->id) && !(reg->val[0] & 1);
}

/* Whether a register depends on what this VM has not: as other kernels know, if not all */
static bool no_such_feature(struct restore *r, u64 id)
{
	const struct reg_history *history = reg_history();
	unsigned int i;

	for (i = 0; i < history->nr; i++)
		if (history->record[i].id == id &&
		    !reg_condition(r->vm, history->record[i].condition))
			return true;
	return false;
}

/*
 * Why the guest cannot tell that a register kept the fresh VM's value or is not there;
 * NULL if it can. These are the rules of an aware VMM, see docs/rollback.md.
 */
static const char *harmless(struct restore *r, const struct reg_value *reg, int err)
{
	struct reg_value now = { .id = reg->id };
	struct fw_config host;
	unsigned int b, i;
	u64 val;

	if (!__reg_ioctl(r->vm->vcpu[r->cpu], KVM_GET_ONE_REG, now.id, now.val))
		return same_bytes(now.val, reg->val, sizeof(now.val)) ? "has-this-value" : NULL;
	if (err != -ENOENT)
		return NULL;
	if (firmware_bitmap(reg->id, &b)) {
		/* without the register, its services are there or not, once and for all */
		fw_probe(&host);
		memcpy(&val, reg->val, sizeof(val));
		return val == host.present[b] ? "is-so-without-the-register" : NULL;
	}
	if (reg_value_is_zero(reg))
		return "was-zero";
	if (timer_is_off(reg))
		return "timer-is-off";
	if (reg->id == ABI_REG_PTIMER_CNT)
		return "is-the-host's-counter";
	for (i = 0; i < ARRAY_SIZE(implied_regs); i++) {
		memcpy(&val, reg->val, sizeof(val));
		if (implied_regs[i].id == reg->id && implied_regs[i].val == val)
			return "is-so-without-the-register";
	}
	if (no_such_feature(r, reg->id))
		return "no-such-feature";
	if (reg_coproc(reg->id) == ABI_COPROC_DEMUX && !cache_exists(r, reg->id))
		return "no-such-cache";
	return NULL;
}

static const char *tolerated(struct restore *r, const struct reg_value *reg, int err)
{
	const struct vmm_tolerance *row = r->manner->tolerates;

	if (r->manner->aware)
		return harmless(r, reg, err);
	for (; row && row->why; row++)
		if (err == -ENOENT && reg->id == row->id &&
		    (!row->if_zero || reg_value_is_zero(reg)))
			return row->why;
	return NULL;
}

/* Returns whether the VMM goes on */
static bool put_reg(struct restore *r, const struct reg_value *reg)
{
	const char *why;
	int err;

	err = __reg_ioctl(r->vm->vcpu[r->cpu], KVM_SET_ONE_REG, reg->id, reg->val);
	if (!err)
		return true;
	why = tolerated(r, reg, err);
	if (!why)
		return refuse(r, reg_name(reg->id), reg->id, reg_value_str(reg), err);
	print_reg(r, "tolerated", reg_name(reg->id), reg->id, reg_value_str(reg), err);
	fprintf(r->out, " why=%s\n", why);
	return true;
}

/* What the VM's maker, not its restorer, has to choose before vCPUs are finalised */
static bool is_made(u64 id)
{
	return id == ABI_REG_SVE_VLS;
}

/*
 * These read as the bits that are set in their other half, which keeps bits that are not
 * written: a VMM that knows clears all of them first, and then writes the SET registers.
 */
static bool is_clear_half(u64 id)
{
	return id == ABI_REG_SYS(3, 0, 9, 14, 2) || /* PMINTENCLR_EL1 */
	       id == ABI_REG_SYS(3, 3, 9, 12, 2) || /* PMCNTENCLR_EL0 */
	       id == ABI_REG_SYS(3, 3, 9, 12, 3); /* PMOVSCLR_EL0 */
}

static bool is_firmware(u64 id)
{
	return reg_coproc(id) == ABI_COPROC_FW || reg_coproc(id) == ABI_COPROC_FW_BMAP;
}

static u64 (*sort_rank)(u64 id);
static bool sort_by_id;

static int compare_regs(const void *a, const void *b)
{
	const struct reg_value *x = *(const struct reg_value *const *)a;
	const struct reg_value *y = *(const struct reg_value *const *)b;
	u64 rx = sort_rank ? sort_rank(x->id) : 0, ry = sort_rank ? sort_rank(y->id) : 0;

	if (rx == ry && sort_by_id) {
		rx = x->id;
		ry = y->id;
	}
	if (rx == ry)
		return x < y ? -1 : x > y;
	return rx < ry ? -1 : 1;
}

/* Write a vCPU's registers in the VMM's order; false if it gives up */
static bool put_vcpu(struct restore *r, bool firmware)
{
	const struct state_vcpu *vcpu = &r->state->vcpu[r->cpu];
	const struct reg_value **sorted = calloc(vcpu->nr_regs + 1, sizeof(*sorted));
	unsigned int nr = 0, i;
	bool good = true;

	TEST_ASSERT(sorted, "No memory for %u registers", vcpu->nr_regs);
	for (i = 0; i < vcpu->nr_regs; i++) {
		u64 id = vcpu->reg[i].id;

		if (is_made(id))
			continue;
		if (r->manner->aware && (is_firmware(id) != firmware || is_clear_half(id)))
			continue;
		if (r->manner->carries && !r->manner->carries(id))
			continue;
		sorted[nr++] = &vcpu->reg[i];
	}
	sort_rank = r->manner->rank;
	sort_by_id = r->manner->by_id;
	qsort(sorted, nr, sizeof(*sorted), compare_regs);
	for (i = 0; i < nr && good; i++)
		good = put_reg(r, sorted[i]);
	free(sorted);
	return good;
}

/* Where KVM has no such register, what is saved in it is told of by its SET half */
static void clear_halves(struct restore *r)
{
	const struct state_vcpu *vcpu = &r->state->vcpu[r->cpu];
	unsigned int i;

	for (i = 0; i < vcpu->nr_regs; i++)
		if (is_clear_half(vcpu->reg[i].id))
			__reg_set(r->vm->vcpu[r->cpu], vcpu->reg[i].id, 0xffffffff);
}

static bool put_vcpus(struct restore *r, const char *step, bool firmware)
{
	bool good = true;

	r->step = step;
	for (r->cpu = 0; good && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		if (r->manner->aware && !firmware)
			clear_halves(r);
		good = put_vcpu(r, firmware);
	}
	return good;
}

/* A register that came after the save is as on the old host: off */
static void zero_unknown(struct restore *r)
{
	bool stolen_time = r->state->vcpu[0].stolen_time;
	unsigned int b;
	int err;

	r->step = "firmware";
	r->cpu = 0;
	for (b = 0; b < NR_BMAPS; b++) {
		const struct fw_bitmap *bmap = &fw_bitmaps[b];
		/* the VMM knows whether it gave the guest stolen time */
		u64 val = b == BMAP_STD_HYP && stolen_time ? ABI_STD_HYP_PV_TIME : 0;

		if (!reg_list_count(r->list, bmap->id) || state_reg(r->state->vcpu, bmap->id))
			continue;
		err = __reg_set(r->vm->vcpu[0], bmap->id, val);
		if (err) {
			refuse(r, bmap->name, bmap->id, val ? "0x1" : "0x0", err);
			continue;
		}
		fprintf(r->out, "%s vcpu=0 reg=%s id=%#lx value=%#lx\n", val ? "kept" : "zeroed",
			bmap->name, bmap->id, val);
	}
}

/* What has to be chosen before KVM_ARM_VCPU_FINALIZE */
static bool put_made(struct restore *r)
{
	const struct reg_value *reg;
	bool good = true;

	r->step = "finalize";
	for (r->cpu = 0; good && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		reg = state_reg(&r->state->vcpu[r->cpu], ABI_REG_SVE_VLS);
		if (reg)
			good = put_reg(r, reg);
	}
	return good;
}

/* Every register that the source had is there: some VMMs want to know beforehand */
static bool all_known(struct restore *r)
{
	const struct state_vcpu *vcpu = r->state->vcpu;
	unsigned int i;

	r->step = "list";
	r->cpu = 0;
	for (i = 0; i < vcpu->nr_regs; i++) {
		const struct reg_value *reg = &vcpu->reg[i];

		if (is_made(reg->id) || reg_list_count(r->list, reg->id) ||
		    (r->manner->carries && !r->manner->carries(reg->id)) ||
		    tolerated(r, reg, -ENOENT))
			continue;
		return refuse(r, reg_name(reg->id), reg->id, reg_value_str(reg), -ENOENT);
	}
	return true;
}

static bool is_identity(const struct state_dev_reg *reg)
{
	return reg->group == KVM_DEV_ARM_VGIC_GRP_DIST_REGS &&
	       (reg->offset == ABI_GICD_IIDR || reg->offset == ABI_GICD_TYPER2);
}

static bool find_word(const struct test_vm *vm, const struct state_dev_reg *reg,
		      struct vgic_image_word *word)
{
	while (vgic_image_next(vm, word))
		if (word->reg.group == reg->group && word->reg.offset == reg->offset &&
		    word->cpu == reg->cpu)
			return true;
	return false;
}

static bool put_vgic_reg(struct restore *r, const struct state_dev_reg *saved)
{
	struct vgic_reg reg = { "vGIC", saved->group, saved->offset };
	struct vgic_image_word word = { 0 };
	char name[40], value[16];
	u32 now = 0;
	int err;

	if (find_word(r->vm, saved, &word))
		err = __vgic_image_put(r->vm, &word, saved->val);
	else
		err = __vgic_set(r->vm, saved->cpu, &reg, saved->val);
	if (!err)
		return true;
	snprintf(name, sizeof(name), "vgic-%u-%#x", saved->group, saved->offset);
	snprintf(value, sizeof(value), "%#x", saved->val);
	r->cpu = saved->cpu;
	/* the guest cannot tell if it has this value in any case */
	if (r->manner->aware && !__vgic_get(r->vm, saved->cpu, &reg, &now) && now == saved->val) {
		print_reg(r, "tolerated", name, saved->offset, value, err);
		fprintf(r->out, " why=has-this-value\n");
		return true;
	}
	return refuse(r, name, saved->offset, value, err);
}

static bool put_vgic(struct restore *r, const char *step, bool identity)
{
	unsigned int i;
	bool good = true;

	r->step = step;
	if (r->vm->vgic_fd < 0 || (identity && r->manner->skips_iidr))
		return true;
	for (i = 0; i < r->state->nr_dev_regs && good; i++)
		if (is_identity(&r->state->dev_reg[i]) == identity)
			good = put_vgic_reg(r, &r->state->dev_reg[i]);
	return good;
}

/* All of it but what an aware VMM has restored by now */
static bool put_whole_vgic(struct restore *r)
{
	if (!r->manner->aware && !put_vgic(r, "vgic-identity", true))
		return false;
	return put_vgic(r, "vgic", false);
}

static bool put_rest(struct restore *r)
{
	bool good = true;
	int err;

	r->step = "stolen-time";
	for (r->cpu = 0; good && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		const struct state_vcpu *vcpu = &r->state->vcpu[r->cpu];
		u64 ipa = vcpu->stolen_time;
		char value[24];

		if (!ipa)
			continue;
		err = __vcpu_attr(r->vm->vcpu[r->cpu], KVM_SET_DEVICE_ATTR,
				  KVM_ARM_VCPU_PVTIME_CTRL, KVM_ARM_VCPU_PVTIME_IPA, &ipa);
		snprintf(value, sizeof(value), "%#lx", ipa);
		if (err)
			good = refuse(r, "KVM_ARM_VCPU_PVTIME_IPA", 0, value, err);
	}
	r->step = "mp_state";
	for (r->cpu = 0; good && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		struct kvm_mp_state state = { .mp_state = r->state->vcpu[r->cpu].mp_state };
		char value[16];

		snprintf(value, sizeof(value), "%#x", state.mp_state);
		if (__vcpu_ioctl(r->vm->vcpu[r->cpu], KVM_SET_MP_STATE, &state))
			good = refuse(r, "KVM_SET_MP_STATE", 0, value, -errno);
	}
	return good;
}

/* What was written is there */
static bool read_back(struct restore *r)
{
	bool same = true;
	unsigned int i;
	int err;

	for (r->cpu = 0; r->cpu < r->vm->nr_vcpus; r->cpu++) {
		const struct state_vcpu *vcpu = &r->state->vcpu[r->cpu];

		for (i = 0; i < vcpu->nr_regs; i++) {
			const struct reg_value *reg = &vcpu->reg[i];
			struct reg_value now = { .id = reg->id };

			err = __reg_ioctl(r->vm->vcpu[r->cpu], KVM_GET_ONE_REG, now.id, now.val);
			/* a refusal of such a register has been told */
			if (err || reg_counts(now.id) ||
			    (timer_is_off(reg) && timer_is_off(&now)) ||
			    same_bytes(now.val, reg->val, sizeof(now.val)))
				continue;
			fprintf(r->out, "differs vcpu=%u reg=%s id=%#lx saved=%s now=%s\n", r->cpu,
				reg_name(now.id), (unsigned long)now.id, reg_value_str(reg),
				reg_value_str(&now));
			same = false;
		}
	}
	return same;
}

static bool restore_steps(struct restore *r)
{
	const struct vmm_manner *manner = r->manner;
	struct vgic_host host = { 0 };

	if (r->vm->vgic_fd >= 0)
		vgic_probe(r->vm->vgic_type, &host);
	if (!put_made(r))
		return false;
	if (host.early && manner->aware && !put_vgic(r, "vgic-identity", true))
		return false;
	if (r->vm->vgic_fd >= 0)
		vgic_init(r->vm);
	test_vm_finish(r->vm);
	r->list = reg_list_get(r->vm->vcpu[0]);
	if (!host.early && manner->aware && !put_vgic(r, "vgic-identity", true))
		return false;
	if (manner->needs_known && !all_known(r))
		return false;
	if (manner->aware) {
		if (!put_vcpus(r, "firmware", true))
			return false;
		zero_unknown(r);
	}
	if (manner->vgic_first && !put_whole_vgic(r))
		return false;
	if (!put_vcpus(r, "registers", false))
		return false;
	if (!manner->vgic_first && !put_whole_vgic(r))
		return false;
	return put_rest(r);
}

enum vmm_verdict vm_restore(const struct state *state, const struct guest_shape *shape,
			    const struct vmm_manner *manner, FILE *out, struct test_vm **vm)
{
	struct restore r = { .state = state, .manner = manner, .out = out };
	enum vmm_verdict verdict = VMM_SAME;

	*vm = guest_shape_create(shape);
	r.vm = *vm;
	if (!restore_steps(&r) || r.refused)
		verdict = VMM_REFUSED;
	else if (!read_back(&r))
		verdict = VMM_CHANGED;
	free(r.list);
	return verdict;
}

enum vmm_verdict vm_compare(struct test_vm *vm, const struct state *state, FILE *out)
{
	enum vmm_verdict verdict = VMM_SAME;
	struct state now = { .nr_vcpus = 0 };
	const struct state_probe *other;
	unsigned int i;

	probe_guest(vm, &now);
	for (i = 0; i < state->nr_probes; i++) {
		const struct state_probe *probe = &state->probe[i];

		other = state_probe(&now, probe->name);
		if (other && state_same_answer(probe, other))
			continue;
		fprintf(out, "changed probe=%s saved=%s now=%s\n", probe->name,
			state_answer_str(probe), other ? state_answer_str(other) : "-");
		verdict = VMM_CHANGED;
	}
	for (i = 0; i < now.nr_probes; i++) {
		if (state_probe(state, now.probe[i].name))
			continue;
		fprintf(out, "changed probe=%s saved=- now=%s\n", now.probe[i].name,
			state_answer_str(&now.probe[i]));
		verdict = VMM_CHANGED;
	}
	free(now.probe);
	return verdict;
}
