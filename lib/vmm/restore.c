// SPDX-License-Identifier: GPL-2.0
/*
 * Restore a VM as a VMM does it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_kind.h"
#include "host.h"
#include "kvm_reg.h"
#include "reg_history.h"
#include "vm.h"
#include "vmm/create.h"
#include "vmm/query.h"
#include "vmm/restore.h"
#include "vmm/save.h"
#include "vmm/vgic_image.h"

/* One restore */
struct restore {
	const struct state *state;
	const struct vmm_model *model;
	struct test_vm *vm;
	FILE *out;
	const char *step;
	unsigned int cpu;
	struct kvm_reg_list *list; /* of vCPU 0 of the fresh VM */
	bool refused; /* something was */
	bool stopped; /* at a refusal: write nothing more */
};

/* The words that all lines about a register have */
static void print_reg(const struct restore *r, const char *what, const char *name, u64 id,
		      const char *value, int err)
{
	fprintf(r->out, "%s step=%s vcpu=%u reg=%s id=%#lx value=%s errno=%s", what, r->step,
		r->cpu, name, id, value, err_str(err));
}

/* Report a refused value. Most VMMs stop there, and an aware one goes on to report all */
static void refuse(struct restore *r, const char *name, u64 id, const char *value, int err)
{
	print_reg(r, "refused", name, id, value, err);
	fprintf(r->out, "\n");
	r->refused = true;
	r->stopped = !r->model->aware && !r->model->tries_all;
}

static bool firmware_bitmap(u64 id, unsigned int *b)
{
	for (*b = 0; *b < NR_BMAPS; (*b)++)
		if (fw_bitmaps[*b].reg.id == id)
			return true;
	return false;
}

/* Whether CLIDR_EL1 has a cache for what a CCSIDR register is about [Arm ARM, CLIDR_EL1] */
static bool cache_exists(const struct restore *r, u64 id)
{
	const struct reg_value *clidr = state_reg(&r->state->vcpu[r->cpu], ABI_CLIDR_EL1);
	unsigned int csselr = id & 0xf, type;
	u64 val;

	if (!clidr)
		return true;
	memcpy(&val, clidr->val, sizeof(val));
	type = val >> csselr / 2 * 3 & 7;
	/* 1: instructions, 2: data, 3: both apart, 4: unified */
	return csselr & 1 ? type & 1 : type >= 2;
}

/* Registers that a guest reads with this value even if KVM does not list them */
static const struct {
	u64 id, val;
} implied_regs[] = {
	{ ABI_OSLSR_EL1, 0x8 }, /* OSLSR_EL1: unlocked, OSLM 0b10 */
};

static bool is_timer_ctl(u64 id)
{
	return id == ABI_CNTP_CTL_EL0 || id == ABI_CNTV_CTL_EL0;
}

/* CNTx_CTL_EL0.ISTATUS is unknown while ENABLE is 0 [Arm ARM, CNTV_CTL_EL0] */
static bool timer_is_off(const struct reg_value *reg)
{
	return is_timer_ctl(reg->id) && !(reg->val[0] & 1);
}

/* Whether data/registers.list ties the register to a feature that this VM lacks */
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
 * The rules of docs/rollback.md: why a guest sees no change though the write of a
 * register was refused, or NULL if it sees one.
 */
static const char *why_harmless(struct restore *r, const struct reg_value *reg, int err)
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
		/* Without the register this kernel's services are fixed */
		host_fw(&host);
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

static const char *why_tolerated(struct restore *r, const struct reg_value *reg, int err)
{
	if (r->model->aware)
		return why_harmless(r, reg, err);
	return err == -ENOENT ? vmm_tolerates(r->model, reg) : NULL;
}

static void put_reg(struct restore *r, const struct reg_value *reg)
{
	const char *why;
	int err;

	if (r->model->unlisted && r->list && !reg_list_count(r->list, reg->id)) {
		/* It went on without it */
		why = vmm_tolerates(r->model, reg) ?: "overlooked";
		print_reg(r, "tolerated", reg_name(reg->id), reg->id, reg_value_str(reg), -ENOENT);
		fprintf(r->out, " why=%s\n", why);
		return;
	}
	err = __reg_ioctl(r->vm->vcpu[r->cpu], KVM_SET_ONE_REG, reg->id, reg->val);
	if (!err)
		return;
	why = why_tolerated(r, reg, err);
	if (!why) {
		refuse(r, reg_name(reg->id), reg->id, reg_value_str(reg), err);
		return;
	}
	print_reg(r, "tolerated", reg_name(reg->id), reg->id, reg_value_str(reg), err);
	fprintf(r->out, " why=%s\n", why);
}

/* Registers that must be written before KVM_ARM_VCPU_FINALIZE */
static bool is_pre_finalize(u64 id)
{
	return id == ABI_REG_SVE_VLS;
}

/*
 * A CLR register reads as the bits that are set, and writing it clears them; writing the
 * SET register does not clear any. So an aware VMM writes all ones to the CLR registers,
 * and then what was saved to the SET ones alone.
 */
static bool is_clear_half(u64 id)
{
	return id == ABI_PMINTENCLR_EL1 || id == ABI_PMCNTENCLR_EL0 || id == ABI_PMOVSCLR_EL0;
}

static bool is_firmware(u64 id)
{
	return reg_coproc(id) == ABI_COPROC_FW || reg_coproc(id) == ABI_COPROC_FW_BMAP;
}

/* Order two registers as a model does */
static int compare_regs(const void *a, const void *b, void *arg)
{
	const struct reg_value *x = *(const struct reg_value *const *)a;
	const struct reg_value *y = *(const struct reg_value *const *)b;
	const struct vmm_model *model = arg;
	u64 rx = model->rank ? model->rank(x->id) : 0, ry = model->rank ? model->rank(y->id) : 0;

	if (rx == ry && model->by_id) {
		rx = x->id;
		ry = y->id;
	}
	if (rx == ry)
		return x < y ? -1 : x > y;
	return rx < ry ? -1 : 1;
}

/* Write a vCPU's registers in the VMM's order; an aware VMM writes firmware or the rest */
static void put_vcpu(struct restore *r, bool firmware)
{
	const struct state_vcpu *vcpu = &r->state->vcpu[r->cpu];
	const struct reg_value **sorted = calloc(vcpu->nr_regs + 1, sizeof(*sorted));
	unsigned int nr = 0, i;

	TEST_ASSERT(sorted, "No memory for %u registers", vcpu->nr_regs);
	for (i = 0; i < vcpu->nr_regs; i++) {
		u64 id = vcpu->reg[i].id;

		if (is_pre_finalize(id))
			continue;
		if (r->model->aware && (is_firmware(id) != firmware || is_clear_half(id)))
			continue;
		if (r->model->carries && !r->model->carries(id))
			continue;
		sorted[nr++] = &vcpu->reg[i];
	}
	qsort_r(sorted, nr, sizeof(*sorted), compare_regs, (void *)r->model);
	for (i = 0; i < nr && !r->stopped; i++)
		put_reg(r, sorted[i]);
	free(sorted);
}

/* Errors are ignored here: restoring the SET register reports the same loss */
static void clear_halves(struct restore *r)
{
	const struct state_vcpu *vcpu = &r->state->vcpu[r->cpu];
	unsigned int i;

	for (i = 0; i < vcpu->nr_regs; i++)
		if (is_clear_half(vcpu->reg[i].id))
			__reg_set(r->vm->vcpu[r->cpu], vcpu->reg[i].id, 0xffffffff);
}

static void put_vcpus(struct restore *r, const char *step, bool firmware)
{
	r->step = step;
	for (r->cpu = 0; !r->stopped && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		if (r->model->aware && !firmware)
			clear_halves(r);
		put_vcpu(r, firmware);
	}
}

/* A bitmap register that the source did not have gets the value that hides its services */
static void zero_unknown(struct restore *r)
{
	bool stolen_time = r->state->vcpu[0].stolen_time;
	unsigned int b;
	int err;

	r->step = "firmware";
	r->cpu = 0;
	for (b = 0; b < NR_BMAPS; b++) {
		const struct fw_reg *reg = &fw_bitmaps[b].reg;
		/* A guest may have had stolen time before KVM had its register */
		u64 val = b == BMAP_STD_HYP && stolen_time ? ABI_STD_HYP_PV_TIME : 0;

		if (!reg_list_count(r->list, reg->id) || state_reg(r->state->vcpu, reg->id))
			continue;
		err = __reg_set(r->vm->vcpu[0], reg->id, val);
		if (err) {
			refuse(r, reg->name, reg->id, val ? "0x1" : "0x0", err);
			continue;
		}
		fprintf(r->out, "%s vcpu=0 reg=%s id=%#lx value=%#lx\n", val ? "kept" : "zeroed",
			reg->name, reg->id, val);
	}
}

static void put_pre_finalize(struct restore *r)
{
	const struct reg_value *reg;

	r->step = "finalize";
	for (r->cpu = 0; !r->stopped && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		reg = state_reg(&r->state->vcpu[r->cpu], ABI_REG_SVE_VLS);
		if (reg)
			put_reg(r, reg);
	}
}

/* Some VMMs write nothing at all unless the destination lists every saved register */
static void check_list(struct restore *r)
{
	const struct reg_value *reg;

	r->step = "list";
	for (r->cpu = 0; !r->stopped && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		reg = vmm_unlisted_refused(r->model, &r->state->vcpu[r->cpu], r->list->reg,
					   r->list->n);
		if (!reg)
			continue;
		refuse(r, reg_name(reg->id), reg->id, reg_value_str(reg), -ENOENT);
		r->stopped = true;
	}
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

static int get_dev_reg(struct test_vm *vm, const struct state_dev_reg *saved, u64 *val)
{
	struct vgic_reg reg = { "vGIC", saved->group, saved->offset };

	return __vgic_get64(vm, saved->cpu, &reg, val);
}

static int put_dev_reg(struct test_vm *vm, const struct state_dev_reg *saved)
{
	struct vgic_reg reg = { "vGIC", saved->group, saved->offset };
	struct vgic_image_word word = { 0 };

	if (find_word(vm, saved, &word))
		return __vgic_image_put(vm, &word, saved->val);
	return __vgic_set64(vm, saved->cpu, &reg, saved->val);
}

static void dev_reg_text(const struct state_dev_reg *saved, char name[40], char value[24])
{
	snprintf(name, 40, "vgic-%u-%#x", saved->group, saved->offset);
	snprintf(value, 24, "%#lx", (unsigned long)saved->val);
}

static void put_vgic_reg(struct restore *r, const struct state_dev_reg *saved)
{
	char name[40], value[24];
	u64 now = 0;
	int err = put_dev_reg(r->vm, saved);

	if (!err)
		return;
	dev_reg_text(saved, name, value);
	r->cpu = saved->cpu;
	/* The guest sees no change if the register has this value already */
	if (r->model->aware && !get_dev_reg(r->vm, saved, &now) && now == saved->val) {
		print_reg(r, "tolerated", name, saved->offset, value, err);
		fprintf(r->out, " why=has-this-value\n");
		return;
	}
	refuse(r, name, saved->offset, value, err);
}

static void put_vgic(struct restore *r, const char *step, bool identity)
{
	unsigned int i;

	r->step = step;
	if (identity && r->model->skips_iidr)
		return;
	for (i = 0; i < r->state->nr_dev_regs && !r->stopped; i++)
		if (is_identity(&r->state->dev_reg[i]) == identity)
			put_vgic_reg(r, &r->state->dev_reg[i]);
}

/* An aware VMM has restored the identity by now */
static void put_whole_vgic(struct restore *r)
{
	if (!r->model->aware)
		put_vgic(r, "vgic-identity", true);
	put_vgic(r, "vgic", false);
}

/* A file of version 1 has no events */
static void put_events(struct restore *r, const struct state_vcpu *vcpu)
{
	struct kvm_vcpu_events events = {
		.exception.serror_pending = vcpu->serror.pending,
		.exception.serror_has_esr = vcpu->serror.pending && vcpu->serror.has_esr,
		.exception.serror_esr = vcpu->serror.esr,
	};
	char value[24];

	if (r->state->version < 2)
		return;
	snprintf(value, sizeof(value), "%#lx", (unsigned long)vcpu->serror.esr);
	if (__vcpu_ioctl(r->vm->vcpu[r->cpu], KVM_SET_VCPU_EVENTS, &events))
		refuse(r, "KVM_SET_VCPU_EVENTS", 0, value, -errno);
}

static void put_rest(struct restore *r)
{
	char value[24];
	int err;

	r->step = "stolen-time";
	for (r->cpu = 0; !r->stopped && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		u64 ipa = r->state->vcpu[r->cpu].stolen_time;

		if (!ipa)
			continue;
		err = __set_stolen_time_ipa(r->vm->vcpu[r->cpu], ipa);
		snprintf(value, sizeof(value), "%#lx", ipa);
		if (err)
			refuse(r, "KVM_ARM_VCPU_PVTIME_IPA", 0, value, err);
	}
	r->step = "events";
	for (r->cpu = 0; !r->stopped && r->cpu < r->vm->nr_vcpus; r->cpu++)
		put_events(r, &r->state->vcpu[r->cpu]);
	r->step = "mp_state";
	for (r->cpu = 0; !r->stopped && r->cpu < r->vm->nr_vcpus; r->cpu++) {
		struct kvm_mp_state state = { .mp_state = r->state->vcpu[r->cpu].mp_state };

		snprintf(value, sizeof(value), "%#x", state.mp_state);
		if (__vcpu_ioctl(r->vm->vcpu[r->cpu], KVM_SET_MP_STATE, &state))
			refuse(r, "KVM_SET_MP_STATE", 0, value, -errno);
	}
}

static bool events_read_back(struct restore *r)
{
	const struct state_vcpu *vcpu = &r->state->vcpu[r->cpu];
	struct kvm_vcpu_events events = { 0 };

	vcpu_ioctl(r->vm->vcpu[r->cpu], KVM_GET_VCPU_EVENTS, &events);
	if (r->state->version < 2 ||
	    (events.exception.serror_pending == vcpu->serror.pending &&
	     (!vcpu->serror.pending || events.exception.serror_esr == vcpu->serror.esr)))
		return true;
	fprintf(r->out, "differs vcpu=%u reg=SError id=0 saved=%u,%#lx now=%u,%#lx\n", r->cpu,
		vcpu->serror.pending, (unsigned long)vcpu->serror.esr,
		events.exception.serror_pending, (unsigned long)events.exception.serror_esr);
	return false;
}

/* The state of interrupts and CPU interfaces: the rest of the vGIC is what the guest is asked for */
static bool is_interrupt_state(const struct state_dev_reg *reg)
{
	u32 offset = reg->offset;

	switch (reg->group) {
	case KVM_DEV_ARM_VGIC_GRP_REDIST_REGS:
		if (offset < ABI_GICR_SGI_BASE)
			return false;
		offset -= ABI_GICR_SGI_BASE;
		fallthrough;
	case KVM_DEV_ARM_VGIC_GRP_DIST_REGS:
		return offset >= ABI_GICD_ISENABLER && offset < ABI_GICD_ITARGETSR;
	}
	return true;
}

static bool vgic_reads_back(struct restore *r)
{
	char name[40], value[24];
	bool same = true;
	unsigned int i;
	u64 now;

	for (i = 0; i < r->state->nr_dev_regs; i++) {
		const struct state_dev_reg *saved = &r->state->dev_reg[i];

		if (!is_interrupt_state(saved) || get_dev_reg(r->vm, saved, &now) ||
		    now == saved->val)
			continue;
		dev_reg_text(saved, name, value);
		fprintf(r->out, "differs vcpu=%u reg=%s id=%#x saved=%s now=%#lx\n", saved->cpu,
			name, saved->offset, value, (unsigned long)now);
		same = false;
	}
	return same;
}

/* Whether what was written reads back */
static bool read_back(struct restore *r)
{
	bool same = vgic_reads_back(r);
	unsigned int i;
	int err;

	for (r->cpu = 0; r->cpu < r->vm->nr_vcpus; r->cpu++) {
		const struct state_vcpu *vcpu = &r->state->vcpu[r->cpu];

		for (i = 0; i < vcpu->nr_regs; i++) {
			const struct reg_value *reg = &vcpu->reg[i];
			struct reg_value now = { .id = reg->id };

			err = __reg_ioctl(r->vm->vcpu[r->cpu], KVM_GET_ONE_REG, now.id, now.val);
			/* An error was already reported when the write was refused */
			if (err || reg_is_counter(now.id) ||
			    (timer_is_off(reg) && timer_is_off(&now)) ||
			    same_bytes(now.val, reg->val, sizeof(now.val)))
				continue;
			fprintf(r->out, "differs vcpu=%u reg=%s id=%#lx saved=%s now=%s\n", r->cpu,
				reg_name(now.id), (unsigned long)now.id, reg_value_str(reg),
				reg_value_str(&now));
			same = false;
		}
		same &= events_read_back(r);
	}
	return same;
}

/* The vGIC that the state names: another version would be another machine to the guest */
static bool create(struct restore *r, const struct vm_config *config)
{
	char name[16], value[16];
	u64 midr;

	r->vm = vmm_create(config, r->state->gic);
	if (!r->vm) {
		r->step = "create";
		snprintf(name, sizeof(name), "vGICv%u", r->state->gic);
		snprintf(value, sizeof(value), "%#x", r->state->gic);
		/* What KVM_CREATE_DEVICE answers [api.rst 4.79] */
		refuse(r, name, 0, value, -ENODEV);
		return false;
	}
	midr = vmm_host_midr(r->vm);
	if (midr != r->state->midr)
		fprintf(r->out,
			"note reg=MIDR_EL1 saved=%#lx now=%#lx why=made on %s, this is %s\n",
			r->state->midr, midr, cpu_kind_str(r->state->midr), cpu_kind_str(midr));
	return true;
}

static void restore_steps(struct restore *r)
{
	const struct vmm_model *model = r->model;
	struct host_vgic host = { 0 };

	if (r->vm->vgic_fd >= 0)
		host_vgic(r->vm->vgic_type, &host);
	put_pre_finalize(r);
	if (host.early && model->aware)
		put_vgic(r, "vgic-identity", true);
	if (r->stopped)
		return;
	if (r->vm->vgic_fd >= 0)
		vgic_init(r->vm);
	test_vm_finish(r->vm);
	r->list = vcpu_get_reg_list(r->vm->vcpu[0]);
	/* From here on no step does anything once the VMM has stopped */
	if (!host.early && model->aware)
		put_vgic(r, "vgic-identity", true);
	if (model->unlisted)
		check_list(r);
	if (model->aware) {
		put_vcpus(r, "firmware", true);
		zero_unknown(r);
	}
	if (model->vgic_first)
		put_whole_vgic(r);
	put_vcpus(r, "registers", false);
	if (!model->vgic_first)
		put_whole_vgic(r);
	put_rest(r);
}

enum vmm_outcome vmm_restore(const struct state *state, const struct vm_config *config,
			     const struct vmm_model *model, FILE *out, struct test_vm **vm)
{
	struct restore r = { .state = state, .model = model, .out = out };
	enum vmm_outcome outcome = VMM_SAME;

	if (create(&r, config))
		restore_steps(&r);
	*vm = r.vm;
	if (r.refused)
		outcome = VMM_REFUSED;
	else if (!read_back(&r))
		outcome = VMM_CHANGED;
	free(r.list);
	return outcome;
}

enum vmm_outcome vmm_compare(struct test_vm *vm, const struct state *state, FILE *out)
{
	enum vmm_outcome outcome = VMM_SAME;
	struct state now = { .nr_vcpus = 0 };
	unsigned int i;

	query_guest(vm, &now);
	for (i = 0; i < state->nr_answers; i++) {
		const struct state_answer *a = &state->answer[i], *b = state_answer(&now, a->name);

		if (b && state_same_answer(a, b))
			continue;
		fprintf(out, "changed probe=%s saved=%s now=%s\n", a->name, state_answer_str(a),
			b ? state_answer_str(b) : "-");
		outcome = VMM_CHANGED;
	}
	for (i = 0; i < now.nr_answers; i++) {
		const struct state_answer *b = &now.answer[i];

		if (state_answer(state, b->name))
			continue;
		fprintf(out, "changed probe=%s saved=- now=%s\n", b->name, state_answer_str(b));
		outcome = VMM_CHANGED;
	}
	free(now.answer);
	return outcome;
}
