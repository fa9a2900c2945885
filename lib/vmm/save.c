// SPDX-License-Identifier: GPL-2.0
/*
 * Run a VM and save it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cpu_kind.h"
#include "guest.h"
#include "host.h"
#include "kvm_reg.h"
#include "reg_history.h"
#include "vgic_irq.h"
#include "vm.h"
#include "vmm/create.h"
#include "vmm/query.h"
#include "vmm/save.h"
#include "vmm/vgic_image.h"

static void start_second(struct test_vm *vm)
{
	const u64 call[8] = {
		(vm->flags & VM_PSCI_0_1) ? ABI_PSCI_0_1_CPU_ON : ABI_PSCI_CPU_ON | ABI_CALL_64,
		reg_get(vm->vcpu[1], ABI_MPIDR_EL1) & ABI_MPIDR_AFFINITY,
		guest_entry_ipa(),
	};
	struct guest_result res;

	guest_call(vm->vcpu[0], guest_conduit(vm), call, &res);
	TEST_ASSERT(res.end == GUEST_DONE && !res.x[0],
		    "CPU_ON of vCPU 1: the guest %s, x0 %#lx; expected 0", guest_end_str(&res),
		    res.x[0]);
	guest_run(vm->vcpu[1], &res);
	TEST_ASSERT(res.end == GUEST_DONE, "vCPU 1 after CPU_ON: the guest %s",
		    guest_end_str(&res));
	/* It now stands at the guest's loop, where x19 says what to do next */
}

/* Registers with a value of the guest that has no effect on KVM */
static bool is_scratch(u64 id)
{
	static const u64 named[] = {
		ABI_TPIDR_EL0,
		ABI_TPIDRRO_EL0,
		ABI_TPIDR_EL1,
		ABI_REG_CORE_U64(ABI_CORE_SP),
		ABI_REG_CORE_U64(ABI_CORE_SP_EL1),
	};
	unsigned int i, num = id & 0xffff;

	/* X0 to X30, but for x19 and x20, which lib/guest_page.S needs */
	if (reg_coproc(id) == ABI_COPROC_CORE && num < ABI_CORE_SP)
		return num / 2 != 19 && num / 2 != 20;
	/* V0 to V31 */
	if (reg_coproc(id) == ABI_COPROC_CORE && num >= ABI_CORE_V0 && num < ABI_CORE_FPSR)
		return true;
	for (i = 0; i < ARRAY_SIZE(named); i++)
		if (named[i] == id)
			return true;
	return false;
}

/*
 * The PMU as a guest that has reset it leaves it: KVM's own reset values have bits that
 * read as zero later. The CLR registers come first, since they undo the SET ones.
 */
static const struct {
	u64 id;
	unsigned int nr; /* registers in a row */
	u64 val;
} pmu_regs[] = {
	{ ABI_PMINTENCLR_EL1, 1, 0xffffffff },
	{ ABI_PMCNTENCLR_EL0, 1, 0xffffffff },
	{ ABI_PMOVSCLR_EL0, 1, 0xffffffff },
	{ ABI_PMINTENSET_EL1, 1, 0x80000001 },
	{ ABI_PMCNTENSET_EL0, 1, 0x80000001 },
	{ ABI_PMOVSSET_EL0, 1, 0x00000000 },
	{ ABI_PMSWINC_EL0, 1, 0 },
	{ ABI_PMSELR_EL0, 1, 0 },
	{ ABI_PMCCNTR_EL0, 1, 0x5a5a },
	{ ABI_PMEVCNTR0_EL0, 31, 0x5a5a },
	{ ABI_PMEVTYPER0_EL0, 31, 0 },
};

static void fill_reg(struct kvm_vcpu *vcpu, const struct kvm_reg_list *list, u64 id,
		     const void *val)
{
	int err;

	if (!reg_list_count(list, id))
		return;
	err = __reg_ioctl(vcpu, KVM_SET_ONE_REG, id, val);
	TEST_ASSERT(!err, "KVM_SET_ONE_REG %s: %s", reg_name(id), err_str(err));
}

static void fill_scratch(struct kvm_vcpu *vcpu)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
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

void vmm_start(struct test_vm *vm, struct state *state)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++) {
		u64 ipa = stolen_time_ipa(i);

		if (!__vcpu_attr(vm->vcpu[i], KVM_SET_DEVICE_ATTR, ABI_PV_TIME_GROUP,
				 ABI_PV_TIME_IPA, &ipa))
			state->vcpu[i].stolen_time = ipa;
	}
	start_second(vm);
}

/* An SError that the guest, which masks it, does not take */
static void fill_events(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_events events = { .exception.serror_pending = 1 };

	if (kvm_check_cap(KVM_CAP_ARM_INJECT_SERROR_ESR)) {
		events.exception.serror_has_esr = 1;
		events.exception.serror_esr = 0x5a5a;
	}
	vcpu_ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

/* Interrupts that no device of KVM's own uses: the guest, which masks all, does not take them */
#define FILL_PPI 20
#define FILL_LEVEL 40
#define FILL_EDGE 75
#define FILL_ACTIVE 76

static void fill_interrupts(struct test_vm *vm)
{
	unsigned int i;

	irq_field_set(vm, 0, ABI_GICD_ICFGR, 2, FILL_EDGE, 2);
	irq_line(vm, 0, FILL_LEVEL, true);
	irq_line(vm, 0, FILL_EDGE, true);
	irq_set(vm, 0, ABI_GICD_ISACTIVER, FILL_ACTIVE);
	for (i = 0; i < vm->nr_vcpus; i++) {
		irq_field_set(vm, i, ABI_GICD_IPRIORITYR, 8, FILL_PPI, 0x50 + 8 * i);
		irq_line(vm, i, FILL_PPI + i, true);
		irq_set(vm, i, ABI_GICD_ISACTIVER, FILL_PPI + 2 + i);
	}
}

/* Each vCPU's CPU interface has another priority mask and active priority */
static void fill_cpuif(struct test_vm *vm)
{
	const bool v3 = vm->vgic_type == KVM_DEV_TYPE_ARM_VGIC_V3;
	struct vgic_cpuif_word word = { 0 };

	while (vgic_cpuif_next(vm, &word)) {
		u64 val = 0, n = word.cpu + 1;
		int err = __vgic_cpuif_get(vm, &word, &val);

		if (word.reg.offset == (v3 ? ABI_ICC_PMR_EL1 & 0xffff : ABI_GICC_PMR))
			val = v3 ? 0x50 * n : 0xa * n;
		else if (word.reg.offset == (v3 ? ABI_ICC_CTLR_EL1 & 0xffff : ABI_GICC_CTLR))
			val |= v3 ? ABI_ICC_CTLR_EOIMODE : ABI_GICC_CTLR_EOIMODE;
		else if (word.reg.offset == (v3 ? ABI_ICC_AP1R_EL1(0) & 0xffff : ABI_GICC_APR))
			val = BIT(5 * n);
		else
			continue;
		err = err ?: __vgic_cpuif_put(vm, &word, val);
		TEST_ASSERT(!err, "%s of vCPU %u to %#lx: %s", word.reg.name, word.cpu, val,
			    err_str(err));
	}
}

void vmm_fill(struct test_vm *vm)
{
	unsigned int i;

	if (vm->vgic_fd >= 0) {
		fill_interrupts(vm);
		fill_cpuif(vm);
	}

	for (i = 0; i < vm->nr_vcpus; i++) {
		test_vcpu_complete(vm->vcpu[i]);
		fill_scratch(vm->vcpu[i]);
		if (i)
			fill_events(vm->vcpu[i]);
	}
}

struct state *state_new(const struct vm_config *config)
{
	struct state *state = calloc(1, sizeof(*state));
	struct utsname uts;

	TEST_ASSERT(state, "No memory for a state");
	uname(&uts);
	snprintf(state->release, sizeof(state->release), "%.63s", uts.release);
	snprintf(state->mode, sizeof(state->mode), "%s", host_mode());
	snprintf(state->shape, sizeof(state->shape), "%s", config->name);
	snprintf(state->pin, sizeof(state->pin), "-");
	state->version = STATE_VERSION;
	state->features = config->features;
	state->nr_vcpus = VMM_VCPUS;
	state->vcpu = calloc(state->nr_vcpus, sizeof(*state->vcpu));
	TEST_ASSERT(state->vcpu, "No memory for vCPUs");
	return state;
}

static void save_vcpu(struct kvm_vcpu *vcpu, struct state_vcpu *saved)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	struct kvm_vcpu_events events = { 0 };
	unsigned int bad = 0;
	int err;

	test_vcpu_complete(vcpu);
	saved->mp_state = mp_state_get(vcpu);
	vcpu_ioctl(vcpu, KVM_GET_VCPU_EVENTS, &events);
	saved->serror.pending = events.exception.serror_pending;
	saved->serror.has_esr = events.exception.serror_has_esr;
	saved->serror.esr = events.exception.serror_esr;
	saved->nr_regs = list->n;
	saved->reg = calloc(list->n, sizeof(*saved->reg));
	TEST_ASSERT(saved->reg, "No memory for registers");
	err = reg_save(vcpu, list, saved->reg, &bad);
	TEST_ASSERT(!err, "KVM_GET_ONE_REG %s: %s", reg_name(list->reg[bad]), err_str(err));
	free(list);
}

static struct state_dev_reg *add_vgic_reg(struct state *state, unsigned int cpu,
					  const struct vgic_reg *reg)
{
	struct state_dev_reg *saved = state_add_dev_reg(state);

	TEST_ASSERT(saved, "No memory for a register of the vGIC");
	saved->group = reg->group;
	saved->cpu = cpu;
	saved->offset = reg->offset;
	return saved;
}

static void save_vgic_reg(struct test_vm *vm, struct state *state, unsigned int cpu,
			  const struct vgic_reg *reg)
{
	add_vgic_reg(state, cpu, reg)->val = vgic_get(vm, cpu, reg);
}

static void save_cpuif(struct test_vm *vm, struct state *state)
{
	struct vgic_cpuif_word word = { 0 };
	u64 val;
	int err;

	while (vgic_cpuif_next(vm, &word)) {
		err = __vgic_cpuif_get(vm, &word, &val);
		TEST_ASSERT(!err, "Reading %s of vCPU %u: %s", word.reg.name, word.cpu,
			    err_str(err));
		add_vgic_reg(state, word.cpu, &word.reg)->val = val;
	}
}

u64 vmm_host_midr(struct test_vm *vm)
{
	/* On mixed cores the register may be that of the CPU that booted */
	return cpu_kind_midr() ?: reg_get(vm->vcpu[0], ABI_MIDR_EL1);
}

void vmm_save(struct test_vm *vm, struct state *state)
{
	struct vgic_image_word word = { 0 };
	unsigned int i;

	state->midr = vmm_host_midr(vm);
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
	save_cpuif(vm, state);
}

void vmm_save_and_free(struct test_vm *vm, struct state *state)
{
	vmm_start(vm, state);
	query_guest(vm, state);
	vmm_fill(vm);
	vmm_save(vm, state);
	test_vm_free(vm);
}
