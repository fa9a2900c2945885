/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smccc_filter_test: the discovery of CPU implementations, which the VMM answers
 * [hypercalls.rst, DISCOVER_IMPL_VER and DISCOVER_IMPL_CPUS].
 */

/* A VM that can run on CPUs of two kinds: version 1.0, then MIDR, REVIDR and AIDR */
static const u64 impl_version[4] = { ABI_SUCCESS, 0x10000, 2, 0 };
static const u64 impl_cpus[][4] = {
	{ ABI_SUCCESS, 0x00000000413fd0c1, 0x0000000000000140, 0 },
	{ ABI_SUCCESS, 0x00000000481fd010, 0x8000000000000001, 0xffffffff00000001 },
	{ ~2ULL /* INVALID_PARAMETER */, 0, 0, 0 },
};

FIXTURE(discovery)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(discovery)
{
	u64 bits; /* of VENDOR_HYP_BMAP_2: a promise to the guest that KVM does not keep itself */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(discovery, announced) {
	.bits = ABI_VENDOR_HYP_2_IMPL_VER | ABI_VENDOR_HYP_2_IMPL_CPUS,
};
FIXTURE_VARIANT_ADD(discovery, half_announced) { .bits = ABI_VENDOR_HYP_2_IMPL_VER };
FIXTURE_VARIANT_ADD(discovery, not_announced) { .bits = 0 };
/* clang-format on */

FIXTURE_SETUP(discovery)
{
	fw_probe(&self->cfg);
	if (variant->bits && !self->cfg.has_reg[BMAP_VENDOR_HYP_2])
		SKIP(return, "this kernel has no KVM_REG_ARM_VENDOR_HYP_BMAP_2");
	self->vm = test_vm_create(1, 0, 0);
	if (!test_vm_has_filter(self->vm))
		SKIP(return, "this kernel has no SMCCC filter");
	if (self->cfg.has_reg[BMAP_VENDOR_HYP_2])
		self->cfg.bmap[BMAP_VENDOR_HYP_2] = variant->bits;
	fw_apply(self->vm->vcpu[0], &self->cfg);
	filter_add(self->vm, ABI_KVM_IMPL_VER, 2, ABI_FILTER_FWD_TO_USER);
}

FIXTURE_TEARDOWN(discovery)
{
	test_vm_free(self->vm);
}

/* The guest asks as hypercalls.rst has it: what there is, what kinds, and one too many */
TEST_F(discovery, is_answered_by_the_vmm)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int i;

	expect_forwarding(_metadata, vcpu, guest_conduit(), ABI_KVM_IMPL_VER, impl_version);
	for (i = 0; i < ARRAY_SIZE(impl_cpus); i++) {
		const u64 in[8] = { ABI_KVM_IMPL_CPUS, i };
		struct guest_result res;
		unsigned int n;

		guest_call(vcpu, guest_conduit(), in, &res);
		expect_forwarded(_metadata, vcpu, guest_conduit(), ABI_KVM_IMPL_CPUS, &res,
				 x_get(vcpu, 19));
		expect_reg(_metadata, vcpu, ABI_KVM_IMPL_CPUS, "at the exit", 1, i);
		for (n = 0; n < 4; n++)
			x_set(vcpu, n, impl_cpus[i][n]);
		guest_run(vcpu, &res);
		expect_end(_metadata, "a forwarded call, run on", &res);
		expect_x(_metadata, "DISCOVER_IMPL_CPUS", ABI_KVM_IMPL_CPUS, res.x, impl_cpus[i]);
	}
}

/* KVM_FEATURES tells of the bits as configured; no other call is any different */
TEST_F(discovery, leaves_the_other_calls_to_kvm)
{
	static const u32 neighbours[] = { 0xc600003f, 0xc6000042, 0x86000040, 0x86000041 };
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	struct guest_result res;
	unsigned int i;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const u64 in[8] = { call->id, call->arg };

		if (call->id == ABI_KVM_IMPL_VER || call->id == ABI_KVM_IMPL_CPUS)
			continue;
		guest_call(vcpu, guest_conduit(), in, &res);
		expect_end(_metadata, call->name, &res);
		expect_answer(_metadata, vcpu, guest_conduit(), call, &self->cfg, res.x);
	}
	for (i = 0; i < ARRAY_SIZE(neighbours); i++) {
		const u64 in[8] = { neighbours[i] };

		guest_call(vcpu, guest_conduit(), in, &res);
		expect_end(_metadata, "a call beside the forwarded ones", &res);
		expect_x(_metadata, "call", neighbours[i], res.x, not_supported);
	}
}
