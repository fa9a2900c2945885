// SPDX-License-Identifier: GPL-2.0
/*
 * Bringing a VM to life and saving it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "host.h"
#include "psci.h"
#include "reg_list.h"
#include "vgic_image.h"
#include "vmm.h"

/* Where the stolen time of a vCPU is: in memory, behind the guest's code */
static u64 stolen_time_ipa(unsigned int cpu)
{
	return VM_RAM_DATA + cpu * ABI_PV_TIME_ALIGN;
}

static void start_second(struct test_vm *vm)
{
	const u64 call[8] = {
		(vm->flags & VM_PSCI_0_1) ? ABI_PSCI_0_1_CPU_ON : ABI_PSCI_CPU_ON | ABI_CALL_64,
		reg_get(vm->vcpu[1], ABI_MPIDR_EL1) & 0xff00ffffff,
		guest_entry_ipa(),
	};
	struct guest_result res;

	guest_call(vm->vcpu[0], vm->at_el2 ? CONDUIT_SMC : CONDUIT_HVC, call, &res);
	TEST_ASSERT(res.end == GUEST_DONE && !res.x[0], "CPU_ON: %s, x0 %#lx", guest_end_str(&res),
		    res.x[0]);
	guest_run(vm->vcpu[1], &res);
	TEST_ASSERT(res.end == GUEST_DONE, "The second vCPU: %s (exit reason %u, errno %d)",
		    guest_end_str(&res), res.reason, -res.err);
	/* it now stands at its loop, and begins there with whatever is put into x19 */
}

/* Registers that a guest uses as it likes */
static bool is_scratch(u64 id)
{
	static const u64 named[] = {
		ABI_REG_SYS(3, 3, 13, 0, 2), /* TPIDR_EL0 */
		ABI_REG_SYS(3, 3, 13, 0, 3), /* TPIDRRO_EL0 */
		ABI_REG_SYS(3, 0, 13, 0, 4), /* TPIDR_EL1 */
		ABI_REG_CORE_U64(0x3e), /* SP */
		ABI_REG_CORE_U64(0x44), /* SP_EL1 */
	};
	unsigned int i, num = id & 0xffff;

	/* x19 and x20 are the guest's own, see lib/guest_page.S */
	if (reg_coproc(id) == ABI_COPROC_CORE && num < 0x3e)
		return num / 2 != 19 && num / 2 != 20;
	if (reg_coproc(id) == ABI_COPROC_CORE && num >= 0x54 && num < 0xd4)
		return true;
	for (i = 0; i < ARRAY_SIZE(named); i++)
		if (named[i] == id)
			return true;
	return false;
}

/*
 * As a guest leaves its PMU that has reset it: KVM's own reset values have bits that
 * read as zero later. First the halves that clear, then those that set.
 */
static const struct {
	u64 id;
	unsigned int nr; /* registers in a row */
	u64 val;
} pmu_regs[] = {
	{ ABI_REG_SYS(3, 0, 9, 14, 2), 1, 0xffffffff }, /* PMINTENCLR_EL1 */
	{ ABI_REG_SYS(3, 3, 9, 12, 2), 1, 0xffffffff }, /* PMCNTENCLR_EL0 */
	{ ABI_REG_SYS(3, 3, 9, 12, 3), 1, 0xffffffff }, /* PMOVSCLR_EL0 */
	{ ABI_REG_SYS(3, 0, 9, 14, 1), 1, 0x80000001 }, /* PMINTENSET_EL1 */
	{ ABI_REG_SYS(3, 3, 9, 12, 1), 1, 0x80000001 }, /* PMCNTENSET_EL0 */
	{ ABI_REG_SYS(3, 3, 9, 14, 3), 1, 0x00000000 }, /* PMOVSSET_EL0 */
	{ ABI_REG_SYS(3, 3, 9, 12, 4), 1, 0 }, /* PMSWINC_EL0 */
	{ ABI_REG_SYS(3, 3, 9, 12, 5), 1, 0 }, /* PMSELR_EL0 */
	{ ABI_REG_SYS(3, 3, 9, 13, 0), 1, 0x5a5a }, /* PMCCNTR_EL0 */
	{ ABI_REG_SYS(3, 3, 14, 8, 0), 31, 0x5a5a }, /* PMEVCNTR<n>_EL0 */
	{ ABI_REG_SYS(3, 3, 14, 12, 0), 31, 0 }, /* PMEVTYPER<n>_EL0 */
};

static void fill_reg(struct kvm_vcpu *vcpu, const struct kvm_reg_list *list, u64 id,
		     const void *val)
{
	int err;

	if (!reg_list_count(list, id))
		return;
	err = __reg_ioctl(vcpu, KVM_SET_ONE_REG, id, val);
	TEST_ASSERT(!err, "KVM_SET_ONE_REG %s: errno %d", reg_name(id), -err);
}

static void fill_scratch(struct kvm_vcpu *vcpu)
{
	struct kvm_reg_list *list = reg_list_get(vcpu);
	u64 i, j, val[2];

	for (i = 0; i < list->n; i++) {
		if (!is_scratch(list->reg[i]))
			continue;
		val[0] = (list->reg[i] & 0xffff) << 32 | 0x5a5a0000 | vcpu->id;
		val[1] = ~val[0];
		fill_reg(vcpu, list, list->reg[i], val);
	}
	for (i = 0; i < ARRAY_SIZE(pmu_regs); i++)
		for (j = 0; j < pmu_regs[i].nr; j++)
			fill_reg(vcpu, list, pmu_regs[i].id + j, &pmu_regs[i].val);
	free(list);
}

void vm_start(struct test_vm *vm, struct state *state)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		u64 ipa = stolen_time_ipa(i);

		if (!__vcpu_attr(vm->vcpu[i], KVM_SET_DEVICE_ATTR, KVM_ARM_VCPU_PVTIME_CTRL,
				 KVM_ARM_VCPU_PVTIME_IPA, &ipa))
			state->vcpu[i].stolen_time = ipa;
	}
	start_second(vm);
}

void vm_fill(struct test_vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		test_vcpu_complete(vm->vcpu[i]);
		fill_scratch(vm->vcpu[i]);
	}
}

struct state *state_new(const struct guest_shape *shape)
{
	struct state *state = calloc(1, sizeof(*state));
	struct utsname uts;

	TEST_ASSERT(state, "No memory for a state");
	uname(&uts);
	snprintf(state->release, sizeof(state->release), "%.63s", uts.release);
	snprintf(state->mode, sizeof(state->mode), "%s", kvm_mode());
	snprintf(state->shape, sizeof(state->shape), "%s", shape->name);
	snprintf(state->pin, sizeof(state->pin), "-");
	state->features = shape->features;
	state->nr_vcpus = GUEST_SHAPE_VCPUS;
	state->vcpu = calloc(state->nr_vcpus, sizeof(*state->vcpu));
	TEST_ASSERT(state->vcpu, "No memory for vCPUs");
	return state;
}

static void save_vcpu(struct kvm_vcpu *vcpu, struct state_vcpu *saved)
{
	struct kvm_reg_list *list = reg_list_get(vcpu);
	unsigned int bad = 0;
	int err;

	test_vcpu_complete(vcpu);
	saved->mp_state = mp_state_get(vcpu);
	saved->nr_regs = list->n;
	saved->reg = calloc(list->n, sizeof(*saved->reg));
	TEST_ASSERT(saved->reg, "No memory for registers");
	err = reg_save(vcpu, list, saved->reg, &bad);
	TEST_ASSERT(!err, "KVM_GET_ONE_REG %s: errno %d", reg_name(list->reg[bad]), -err);
	free(list);
}

static void save_vgic_reg(struct test_vm *vm, struct state *state, unsigned int cpu,
			  const struct vgic_reg *reg)
{
	struct state_dev_reg *saved = state_add_dev_reg(state);

	TEST_ASSERT(saved, "No memory for a register");
	saved->group = reg->group;
	saved->cpu = cpu;
	saved->offset = reg->offset;
	saved->val = vgic_get(vm, cpu, reg);
}

void vm_save(struct test_vm *vm, struct state *state)
{
	struct vgic_image_word word = { 0 };
	unsigned int i;

	state->midr = reg_get(vm->vcpu[0], ABI_REG_SYS(3, 0, 0, 0, 0));
	for (i = 0; i < vm->nr_vcpus; i++)
		save_vcpu(vm->vcpu[i], &state->vcpu[i]);
	if (vm->vgic_fd < 0)
		return;
	state->gic = vm->vgic_type == KVM_DEV_TYPE_ARM_VGIC_V3 ? 3 : 2;
	save_vgic_reg(vm, state, 0, &vgic_iidr);
	if (state->gic == 3)
		save_vgic_reg(vm, state, 0, &vgic_typer2);
	while (vgic_image_next(vm, &word))
		save_vgic_reg(vm, state, word.cpu, &word.reg);
}
