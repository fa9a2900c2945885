/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hypercalls_test: the guest sees just what the bitmap registers enable.
 */

/* Give each vCPU a place for its stolen time, so that PV time can answer */
static void set_stolen_time_ipas(struct __test_metadata *_metadata, struct test_vm *vm,
				 bool has_pv_time)
{
	unsigned int i;

	for (i = 0; has_pv_time && i < vm->nr_vcpus; i++) {
		u64 ipa = VM_RAM_DATA + i * ABI_PV_TIME_ALIGN;

		ASSERT_EQ(0, __vcpu_attr(vm->vcpu[i], KVM_SET_DEVICE_ATTR, ABI_PV_TIME_GROUP,
					 ABI_PV_TIME_IPA, &ipa));
	}
}

/* What vCPU i of a VM set up by set_stolen_time_ipas() has to see */
static void set_cfg_vcpu(struct fw_config *cfg, unsigned int i)
{
	cfg->stolen_time_ipa = cfg->present[BMAP_STD_HYP] & ABI_STD_HYP_PV_TIME
				       ? VM_RAM_DATA + i * ABI_PV_TIME_ALIGN
				       : 0;
}

FIXTURE(calls)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(calls)
{
	enum conduit conduit;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(calls, hvc) { .conduit = CONDUIT_HVC };
FIXTURE_VARIANT_ADD(calls, smc) { .conduit = CONDUIT_SMC };
/* clang-format on */

static void calls_new_vm(struct __test_metadata *_metadata, FIXTURE_DATA(calls) * self)
{
	test_vm_free(self->vm);
	self->vm = test_vm_create(1, 0, 0);
	set_stolen_time_ipas(_metadata, self->vm,
			     self->cfg.present[BMAP_STD_HYP] & ABI_STD_HYP_PV_TIME);
}

FIXTURE_SETUP(calls)
{
	if (variant->conduit == CONDUIT_HVC && guest_at_el2)
		SKIP(return, "a guest at EL2 takes an HVC itself");
	fw_probe(&self->cfg);
	calls_new_vm(_metadata, self);
	set_cfg_vcpu(&self->cfg, 0);
}

FIXTURE_TEARDOWN(calls)
{
	test_vm_free(self->vm);
}

TEST_F(calls, untouched_registers_offer_everything)
{
	expect_all_calls(_metadata, self->vm, 0, variant->conduit, &self->cfg);
}

/* 64 VMs, and half a second to tear one down whose guest is at EL2, if emulated */
TEST_F_TIMEOUT(calls, every_combination_is_answered_exactly, 300)
{
	unsigned int combinations = 0;

	if (variant->conduit == CONDUIT_SMC && !self->cfg.smc)
		SKIP(return, "this kernel does not serve SMC");
	if (!self->cfg.has_reg[BMAP_STD])
		SKIP(return, "this kernel has no bitmap registers");

	fw_all_off(&self->cfg);
	do {
		calls_new_vm(_metadata, self);
		fw_apply(self->vm->vcpu[0], &self->cfg);
		expect_all_calls(_metadata, self->vm, 0, variant->conduit, &self->cfg);
		combinations++;
	} while (fw_next(&self->cfg));
	TH_LOG("%u combinations of %u calls", combinations, nr_smccc_calls);
}

/* The function id is w0 alone [DEN0028 2.5] */
TEST_F(calls, upper_half_of_x0_is_ignored)
{
	static const u64 upper[] = { 1ULL << 32, 1ULL << 63, 0xffffffffULL << 32 };
	struct guest_result res;
	unsigned int i, j;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];

		for (j = 0; j < ARRAY_SIZE(upper); j++) {
			const u64 in[8] = { upper[j] | call->id, call->arg };

			guest_call(self->vm->vcpu[0], variant->conduit, in, &res);
			expect_end(_metadata, call->name, &res);
			expect_answer(_metadata, self->vm->vcpu[0], variant->conduit, call,
				      &self->cfg, res.x);
		}
	}
}

/* From SMCCC 1.1 on a call changes x0 to x3 only [DEN0028 2.6] */
TEST_F(calls, x4_to_x30_are_preserved)
{
	struct kvm_vcpu *vcpu = self->vm->vcpu[0];
	unsigned int i, n;

	for (i = 0; i < nr_smccc_calls; i++) {
		const struct smccc_call *call = &smccc_calls[i];
		const u64 in[8] = { call->id,	     call->arg, 0,     0,
				    0x0404ULL << 48, 0x0505,	~0ULL, 0x0707ULL << 32 };
		struct guest_result res;

		for (n = 8; n <= 30; n++) {
			/* x19 and x20 are the guest's own */
			if (n != 19 && n != 20)
				x_set(vcpu, n, 0xa5a5000000000000ULL + n);
		}
		guest_call(vcpu, variant->conduit, in, &res);
		expect_end(_metadata, call->name, &res);
		for (n = 4; n <= 30; n++) {
			u64 want = n < 8 ? in[n] : 0xa5a5000000000000ULL + n;

			if (n == 19 || n == 20)
				continue;
			EXPECT_EQ(want, x_get(vcpu, n))
			{
				TH_LOG("%s changed x%u: %#lx; expected %#lx", call->name, n,
				       x_get(vcpu, n), want);
			}
		}
	}
}

/* SMC beside HVC */

FIXTURE(smc)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_SETUP(smc)
{
	struct kvm_device_attr filter = { .group = ABI_SMCCC_GROUP, .attr = ABI_SMCCC_FILTER };

	fw_probe(&self->cfg);
	self->vm = test_vm_create(1, 0, 0);
	if (__vm_ioctl(self->vm->kvm, KVM_HAS_DEVICE_ATTR, &filter))
		SKIP(return, "this kernel has no SMCCC filter");
}

FIXTURE_TEARDOWN(smc)
{
	test_vm_free(self->vm);
}

/*
 * A call by SMC can be told from one by HVC where the SMCCC filter forwards calls
 * to user space [api.rst, KVM_EXIT_HYPERCALL], so such a kernel serves SMC.
 */
TEST_F(smc, is_served_where_calls_can_be_filtered)
{
	EXPECT_TRUE(self->cfg.smc)
	{
		TH_LOG("SMC SMCCC_VERSION is NOT_SUPPORTED on a kernel with KVM_ARM_VM_SMCCC_FILTER; expected %#llx",
		       ABI_SMCCC_VERSION_1_1);
	}
}

/* One register for the whole VM */

FIXTURE(vm_wide)
{
	struct test_vm *vm;
	struct fw_config cfg;
};

FIXTURE_VARIANT(vm_wide)
{
	int bmap;
	bool last; /* which vCPU the register is written through: the last, or the first */
	unsigned int flags; /* of test_vm_create() */
};

/* clang-format off */
FIXTURE_VARIANT_ADD(vm_wide, std) { .bmap = BMAP_STD, .last = false };
FIXTURE_VARIANT_ADD(vm_wide, std_hyp) { .bmap = BMAP_STD_HYP, .last = true };
FIXTURE_VARIANT_ADD(vm_wide, vendor_hyp) { .bmap = BMAP_VENDOR_HYP, .last = false };
FIXTURE_VARIANT_ADD(vm_wide, vendor_hyp_2) { .bmap = BMAP_VENDOR_HYP_2, .last = true };
FIXTURE_VARIANT_ADD(vm_wide, vendor_hyp_with_vgic_v3) {
	.bmap = BMAP_VENDOR_HYP,
	.last = true,
	.flags = VM_VGIC_V3,
};
/* clang-format on */

FIXTURE_SETUP(vm_wide)
{
	fw_probe(&self->cfg);
	if (!self->cfg.has_reg[variant->bmap])
		SKIP(return, "this kernel has no %s", fw_bitmaps[variant->bmap].name);
	if (variant->flags & VM_VGIC_V3 && !test_vm_has_vgic_v3())
		SKIP(return, "this host has no vGICv3");
	self->vm = test_vm_create(few_vcpus(), 0, variant->flags);
	set_stolen_time_ipas(_metadata, self->vm,
			     self->cfg.present[BMAP_STD_HYP] & ABI_STD_HYP_PV_TIME);
}

FIXTURE_TEARDOWN(vm_wide)
{
	test_vm_free(self->vm);
}

TEST_F(vm_wide, write_through_one_vcpu_rules_all_guests)
{
	const struct fw_bitmap *reg = &fw_bitmaps[variant->bmap];
	unsigned int i;

	self->cfg.bmap[variant->bmap] ^= reg->accepted;
	reg_set(self->vm->vcpu[variant->last ? self->vm->nr_vcpus - 1 : 0], reg->id,
		self->cfg.bmap[variant->bmap]);

	for (i = 0; i < self->vm->nr_vcpus; i++) {
		set_cfg_vcpu(&self->cfg, i);
		expect_all_calls(_metadata, self->vm, i, guest_conduit(), &self->cfg);
	}
}
