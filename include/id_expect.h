/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of ID registers. For *_test.c alone: see expect.h.
 */
#ifndef GUEST_ABI_ID_EXPECT_H
#define GUEST_ABI_ID_EXPECT_H

#include <errno.h>

#include "abi.h"
#include "expect.h"
#include "host.h"
#include "id_regs.h"
#include "vgic.h"
#include "vm.h"
#include "vm_config.h"

/* All of these vCPU features that this host has */
static inline u32 id_features(void)
{
	static const u32 features[] = { FEAT_PMU, FEAT_SVE, FEAT_PTRAUTH };
	unsigned int i;
	u32 all = 0;

	for (i = 0; i < ARRAY_SIZE(features); i++)
		if (!host_missing_features(features[i]))
			all |= features[i];
	return all;
}

/* What a VM has beside vCPU features, as bits of the same mask */
#define HAS_MTE BIT(16)
#define HAS_VGIC_V3 BIT(17)

enum id_vgic {
	NO_VGIC,
	V2,
	V3
};

/** id_vm_missing() - NULL, or what this host lacks for id_vm() */
static inline const char *id_vm_missing(u32 features, unsigned int flags, enum id_vgic vgic)
{
	if (guest_at_el2 && vgic != V3)
		return "a guest at EL2 has a vGICv3";
	if (flags & VM_MTE && !kvm_has_cap(KVM_CAP_ARM_MTE))
		return "this host offers no MTE to guests";
	if (vgic == V2 && !host_has_vgic(KVM_DEV_TYPE_ARM_VGIC_V2))
		return "this host offers no vGICv2";
	if (vgic == V3 && !host_has_vgic(KVM_DEV_TYPE_ARM_VGIC_V3))
		return "this host offers no vGICv3";
	return host_missing_features(features);
}

/** id_vm() - a VM with one vCPU; @has gets its features and the bits above */
static inline struct test_vm *id_vm(u32 features, unsigned int flags, enum id_vgic vgic, u32 *has)
{
	struct test_vm *vm =
		test_vm_create(1, features, flags | (vgic == V3 ? VM_VGIC_V3 : VM_NO_VGIC));

	if (vgic == V2) {
		vgic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V2);
		vgic_init(vm);
	}
	*has = vm->features | (flags & VM_MTE ? HAS_MTE : 0) | (vgic == V3 ? HAS_VGIC_V3 : 0);
	return vm;
}

/* User space reads what it should */
static inline void expect_user_view(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				    const struct id_view *want, const char *when)
{
	struct id_view view;
	unsigned int i;

	id_user_view(vcpu, &view);
	for (i = 0; i < ID_SPACE; i++) {
		EXPECT_TRUE(view.there[i] == want->there[i] && view.val[i] == want->val[i])
		{
			TH_LOG("KVM_GET_ONE_REG %s on vCPU %u %s: %s, value %#lx; expected %s, value %#lx",
			       reg_name(ID_SPACE_REG(i)), vcpu->id, when,
			       view.there[i] ? "0" : "ENOENT", view.val[i],
			       want->there[i] ? "0" : "ENOENT", want->val[i]);
			count_failure(_metadata);
		}
	}
}

/* The guest reads what user space should; what user space does not have is UNDEF or zero */
static inline void expect_guest_view(struct __test_metadata *_metadata, struct test_vm *vm,
				     unsigned int cpu, const struct id_view *want, const char *when)
{
	struct guest_reg view[ID_SPACE];
	struct guest_result res;
	unsigned int i;
	bool same;

	id_guest_view(vm, cpu, view, &res);
	expect_end(_metadata, "reading the ID registers", &res);
	for (i = 0; i < ID_SPACE; i++) {
		same = view[i].how == GUEST_REG_DONE && view[i].val == want->val[i];
		if (!want->there[i])
			same = same || guest_reg_is_undef(&view[i]);
		EXPECT_TRUE(same)
		{
			TH_LOG("MRS of %s on vCPU %u %s: the guest gets %s; expected the value %#lx%s",
			       reg_name(view[i].id), cpu, when, guest_reg_str(&view[i]),
			       want->val[i],
			       want->there[i] ? ", as user space"
					      : " or UNDEF, as user space has none");
			count_failure(_metadata);
		}
	}
}

/* Write a register, and read it back */
static inline void expect_id_set(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 id,
				 u64 val, int want_err, u64 want_val, const char *what)
{
	int err = __reg_set(vcpu, id, val);
	u64 now = reg_get(vcpu, id);

	EXPECT_TRUE(err == want_err && now == want_val)
	{
		TH_LOG("KVM_SET_ONE_REG %s to %#lx on vCPU %u, %s: %s, then it is %#lx; expected %s and %#lx",
		       reg_name(id), val, vcpu->id, what, err_str(err), now, err_str(want_err),
		       want_val);
		count_failure(_metadata);
	}
}

static inline void expect_id_get(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu, u64 id,
				 u64 want, const char *when)
{
	u64 val = ~want;
	int err = __reg_get(vcpu, id, &val);

	EXPECT_TRUE(!err && val == want)
	{
		TH_LOG("KVM_GET_ONE_REG %s on vCPU %u %s: %s, value %#lx; expected 0, value %#lx",
		       reg_name(id), vcpu->id, when, err_str(err), val, want);
		count_failure(_metadata);
	}
}

/*
 * A write is EINVAL and changes nothing
 * @ignored: it may also be taken without effect
 */
static inline void expect_id_refused(struct __test_metadata *_metadata, struct kvm_vcpu *vcpu,
				     u64 id, u64 val, u64 want, bool ignored, const char *what)
{
	int err = __reg_set(vcpu, id, val);
	u64 now = reg_get(vcpu, id);

	EXPECT_TRUE((err == -EINVAL || (ignored && !err)) && now == want)
	{
		TH_LOG("KVM_SET_ONE_REG %s to %#lx, %s: %s, then it is %#lx; expected EINVAL%s and %#lx as before",
		       reg_name(id), val, what, err_str(err), now,
		       ignored ? ", or 0 without effect," : "", want);
		count_failure(_metadata);
		__reg_set(vcpu, id, want);
	}
}

/* "ID_AA64PFR0_EL1.CSV2" */
static inline const char *id_field_str(const struct id_reg_field *field)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s.%s", field->reg, field->name);
	return text;
}

#endif /* GUEST_ABI_ID_EXPECT_H */
