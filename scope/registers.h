/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vm_scope_test: the VM-wide registers, their legal values, and what a guest
 * sees of them.
 */

#define MAX_VALUES 8

enum vm_wide {
	WIDE_PSCI,
	WIDE_STD,
	WIDE_STD_HYP,
	WIDE_VENDOR_HYP,
	WIDE_VENDOR_HYP_2,
	NR_WIDE,
};

struct wide_reg {
	int bmap; /* index into fw_bitmaps[], or BMAP_NONE for PSCI_VERSION */
	/*
	 * Whether another value is EBUSY once a vCPU has run. The documentation says
	 * so of the bitmaps only; of PSCI_VERSION a late change may be taken or
	 * refused, but by and for the whole VM.
	 */
	bool locked_by_run;
};

static const struct wide_reg wide_regs[NR_WIDE] = {
	[WIDE_PSCI] = { BMAP_NONE, false },
	[WIDE_STD] = { BMAP_STD, true },
	[WIDE_STD_HYP] = { BMAP_STD_HYP, true },
	[WIDE_VENDOR_HYP] = { BMAP_VENDOR_HYP, true },
	[WIDE_VENDOR_HYP_2] = { BMAP_VENDOR_HYP_2, true },
};

static const struct fw_bitmap psci_version_reg = {
	.name = "KVM_REG_ARM_PSCI_VERSION",
	.id = ABI_PSCI_VERSION,
};

static const struct fw_bitmap *wide_reg(enum vm_wide w)
{
	return wide_regs[w].bmap == BMAP_NONE ? &psci_version_reg : &fw_bitmaps[wide_regs[w].bmap];
}

/* The calls that tell a guest what the registers hold */
static const struct smccc_call witnesses[] = {
	/* x0 is filled in by expect_witness() */
	{ "PSCI_VERSION", ABI_PSCI_FIRST, 0, SVC_NONE, ANS_EXACT, { 0 } },
	{ "TRNG_VERSION", ABI_TRNG_VERSION, 0, SVC_TRNG, ANS_EXACT, { ABI_TRNG_VERSION_1_0 } },
	{ "ARCH_FEATURES(PV_TIME_FEATURES)",
	  ABI_ARCH_FEATURES,
	  ABI_PV_TIME_FEATURES,
	  SVC_PV_TIME,
	  ANS_EXACT,
	  { ABI_SUCCESS } },
	{ "KVM_FEATURES", ABI_KVM_FEATURES, 0, SVC_KVM_FEATURES, ANS_BITMAPS, { 0 } },
	{ "CALL_UID", ABI_KVM_CALL_UID, 0, SVC_KVM_FEATURES, ANS_EXACT, ABI_KVM_UID },
	{ "PTP(virtual counter)", ABI_KVM_PTP, ABI_PTP_VIRTUAL, SVC_PTP, ANS_CLOCK, { 0 } },
};

#define NR_WITNESSES ARRAY_SIZE(witnesses)

/* What all registers of a VM hold, and which values each may take */
struct wide_state {
	struct fw_config cfg;
	u64 psci;
	u64 val[NR_WIDE][MAX_VALUES];
	unsigned int nr_vals[NR_WIDE]; /* 0 for a register that this kernel lacks */
};

static u64 wide_get(const struct wide_state *state, enum vm_wide w)
{
	return w == WIDE_PSCI ? state->psci : state->cfg.bmap[wide_regs[w].bmap];
}

static void wide_set(struct wide_state *state, enum vm_wide w, u64 val)
{
	if (w == WIDE_PSCI)
		state->psci = val;
	else
		state->cfg.bmap[wide_regs[w].bmap] = val;
}

static bool wide_is_legal(const struct wide_state *state, enum vm_wide w, u64 val)
{
	unsigned int i;

	for (i = 0; i < state->nr_vals[w]; i++) {
		if (state->val[w][i] == val)
			return true;
	}
	return false;
}

/*
 * What may be written: each subset of a bitmap's bits, and the PSCI versions
 * that this KVM takes, found by writing them to a VM of their own.
 */
static void wide_probe(struct __test_metadata *_metadata, struct wide_state *state)
{
	struct test_vm *vm;
	unsigned int i;

	memset(state, 0, sizeof(*state));
	fw_probe(&state->cfg);
	for (i = WIDE_STD; i < NR_WIDE; i++) {
		u64 accepted = fw_bitmaps[wide_regs[i].bmap].accepted;
		u64 val = 0;

		if (!state->cfg.has_reg[wide_regs[i].bmap])
			continue;
		do {
			ASSERT_GT(MAX_VALUES, state->nr_vals[i]);
			state->val[i][state->nr_vals[i]++] = val;
			val = next_subset(val, accepted);
		} while (val);
	}

	vm = test_vm_create(1, 0, VM_AT_EL1);
	state->psci = reg_get(vm->vcpu[0], ABI_PSCI_VERSION);
	for (i = PSCI_0_2; i < NR_PSCI_VERSIONS; i++) {
		u64 val = psci_versions[i].value;

		if (!__reg_set(vm->vcpu[0], ABI_PSCI_VERSION, val))
			state->val[WIDE_PSCI][state->nr_vals[WIDE_PSCI]++] = val;
	}
	test_vm_free(vm);
	ASSERT_TRUE(wide_is_legal(state, WIDE_PSCI, state->psci))
	{
		TH_LOG("KVM_REG_ARM_PSCI_VERSION is %#lx at reset, which cannot be written back",
		       state->psci);
	}
}

/* All vCPUs read @want from one register */
static void expect_get_everywhere(struct __test_metadata *_metadata, struct test_vm *vm,
				  enum vm_wide w, u64 want)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		expect_get(_metadata, vm->vcpu[i], wide_reg(w), want);
}

/* All vCPUs read what the state says, from every register */
static void expect_state_everywhere(struct __test_metadata *_metadata, struct test_vm *vm,
				    const struct wide_state *state)
{
	enum vm_wide w;

	for (w = 0; w < NR_WIDE; w++) {
		if (state->nr_vals[w])
			expect_get_everywhere(_metadata, vm, w, wide_get(state, w));
	}
}

static void expect_witness(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
			   const struct smccc_call *witness, const struct wide_state *state,
			   const u64 x[4])
{
	struct smccc_call call = *witness;

	if (call.id == ABI_PSCI_FIRST)
		call.x[0] = state->psci;
	expect_answer(_metadata, vcpu, guest_conduit(), &call, &state->cfg, x);
}

/* The guest of a vCPU sees what the state says */
static void expect_guest_sees(struct __test_metadata *_metadata, struct test_vm *vm,
			      unsigned int cpu, const struct wide_state *state)
{
	struct guest_row_call row[NR_WITNESSES] = { 0 };
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < NR_WITNESSES; i++) {
		row[i].in[0] = witnesses[i].id;
		row[i].in[1] = witnesses[i].arg;
	}
	guest_calls(vm, cpu, guest_conduit(), row, NR_WITNESSES, &res);
	expect_end(_metadata, "the calls that show the registers", &res);
	for (i = 0; i < NR_WITNESSES; i++)
		expect_witness(_metadata, vm->vcpu[cpu], &witnesses[i], state, row[i].out);
}

static void expect_guests_see(struct __test_metadata *_metadata, struct test_vm *vm,
			      const struct wide_state *state)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		expect_guest_sees(_metadata, vm, i, state);
}
