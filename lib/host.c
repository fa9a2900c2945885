// SPDX-License-Identifier: GPL-2.0
/*
 * What this host and its kernel have.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <linux/kernel.h>

#include "filter.h"
#include "host.h"
#include "kvm_reg.h"
#include "psci.h"
#include "vgic.h"
#include "vm.h"

/* klogctl() actions [syslog(2)] */
#define SYSLOG_ACTION_READ_ALL 3
#define SYSLOG_ACTION_SIZE_BUFFER 10

/* As in scripts/modes.list, the more special ones first */
static const struct {
	const char *says, *mode;
} mode_messages[] = {
	{ "Protected hVHE mode initialized", "protected" },
	{ "Protected nVHE mode initialized", "protected" },
	{ "VHE+NV2 mode initialized", "nested" },
	{ "VHE+NV mode initialized", "nested" },
	{ "hVHE mode initialized", "nvhe" },
	{ "nVHE mode initialized", "nvhe" },
	{ "Hyp mode initialized", "nvhe" },
	{ ": VHE mode initialized", "vhe" },
};

const char *host_mode(void)
{
	const char *mode = "unknown";
	unsigned int i;
	char *text;
	int len;

	len = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0);
	if (len <= 0)
		return mode;
	text = calloc(1, len + 1);
	if (text && klogctl(SYSLOG_ACTION_READ_ALL, text, len) > 0) {
		for (i = 0; i < ARRAY_SIZE(mode_messages); i++) {
			if (strstr(text, mode_messages[i].says)) {
				mode = mode_messages[i].mode;
				break;
			}
		}
	}
	free(text);
	return mode;
}

/* clang-format off */

/* What a host has to offer for a vCPU feature [api.rst 4.82] */
static const struct {
	unsigned int feature;
	int cap;
	const char *lack;
} feature_caps[] = {
	{ KVM_ARM_VCPU_EL1_32BIT, KVM_CAP_ARM_EL1_32BIT, "this host offers no 32-bit EL1" },
	{ ABI_VCPU_HAS_EL2, ABI_CAP_ARM_EL2, "this host offers no EL2 to guests" },
	{ ABI_VCPU_HAS_EL2_E2H0, ABI_CAP_ARM_EL2_E2H0, "this host offers no EL2 without VHE" },
	{ KVM_ARM_VCPU_PMU_V3, KVM_CAP_ARM_PMU_V3, "this host offers no PMU to guests" },
	{ KVM_ARM_VCPU_SVE, KVM_CAP_ARM_SVE, "this host offers no SVE to guests" },
	{ KVM_ARM_VCPU_PTRAUTH_ADDRESS, KVM_CAP_ARM_PTRAUTH_ADDRESS,
	  "this host offers no pointer authentication to guests" },
	{ KVM_ARM_VCPU_PTRAUTH_GENERIC, KVM_CAP_ARM_PTRAUTH_GENERIC,
	  "this host offers no pointer authentication to guests" },
};

/* clang-format on */

const char *host_missing_features(u32 features)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(feature_caps); i++)
		if (features & 1U << feature_caps[i].feature && !kvm_has_cap(feature_caps[i].cap))
			return feature_caps[i].lack;
	return NULL;
}

bool host_has_vgic(u32 type)
{
	struct kvm_create_device dev = { .type = type, .flags = KVM_CREATE_DEVICE_TEST };
	struct kvm_vm *kvm = bare_vm_create(0);
	bool has = !__vm_ioctl(kvm, KVM_CREATE_DEVICE, &dev);

	kvm_vm_free(kvm);
	return has;
}

static void call_id(struct kvm_vcpu *vcpu, enum conduit conduit, u32 id, u64 arg,
		    struct guest_result *res)
{
	const u64 in[8] = { id, arg };

	guest_call(vcpu, conduit, in, res);
	TEST_ASSERT(res->end == GUEST_DONE, "Call %#x: the guest %s", id, guest_end_str(res));
}

static bool host_clock_is_counter(void)
{
	char name[64] = "";
	int fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY);

	if (fd >= 0) {
		if (read(fd, name, sizeof(name) - 1) < 0)
			name[0] = '\0';
		close(fd);
	}
	return !strncmp(name, "arch_sys_counter", strlen("arch_sys_counter"));
}

/* The bits of a bitmap that this kernel takes and the table lacks; the register is as before */
static u64 unknown_bits(struct kvm_vcpu *vcpu, const struct fw_bitmap *bmap)
{
	u64 before = reg_get(vcpu, bmap->reg.id), unknown = 0;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++)
		if (!(bmap->accepted & BIT_ULL(bit)) &&
		    !__reg_set(vcpu, bmap->reg.id, BIT_ULL(bit)))
			unknown |= BIT_ULL(bit);
	if (unknown)
		reg_set(vcpu, bmap->reg.id, before);
	return unknown;
}

static void find_bitmap(struct kvm_vcpu *vcpu, unsigned int b, struct fw_config *host)
{
	const struct fw_bitmap *bmap = &fw_bitmaps[b];
	u64 val;
	int err = __reg_get(vcpu, bmap->reg.id, &val);

	TEST_ASSERT(!err || err == -ENOENT, "KVM_GET_ONE_REG %s: %s", bmap->reg.name, err_str(err));
	host->has_reg[b] = !err;
	if (err)
		return;
	host->present[b] = bmap->accepted;
	host->unknown[b] = unknown_bits(vcpu, bmap);
	host->reset[b] = bmap->reset | (val & host->unknown[b]);
	host->bmap[b] = host->reset[b];
}

static void find_fw(struct fw_config *host)
{
	struct guest_result res;
	struct test_vm *vm;
	unsigned int i;

	vm = test_vm_create(1, 0, 0);
	for (i = 0; i < NR_BMAPS; i++)
		find_bitmap(vm->vcpu[0], i, host);
	host->counter_clock = host_clock_is_counter();
	host->filter = test_vm_has_filter(vm);
	call_id(vm->vcpu[0], CONDUIT_SMC, ABI_SMCCC_VERSION, 0, &res);
	host->smc = res.x[0] != ABI_NOT_SUPPORTED;

	for (i = 0; i < NR_SERVICES; i++) {
		const struct fw_service *svc = &fw_services[i];

		if (svc->bmap == BMAP_NONE || host->has_reg[svc->bmap])
			continue;
		call_id(vm->vcpu[0], guest_conduit(vm), svc->probe, svc->probe_arg, &res);
		if (res.x[0] != ABI_NOT_SUPPORTED) {
			host->present[svc->bmap] |= svc->bit;
			host->bmap[svc->bmap] |= svc->bit;
		}
	}
	test_vm_free(vm);
}

static void find_psci(struct host_psci *host)
{
	struct test_vm *vm = test_vm_create(1, 0, 0);
	u64 major, minor, val;

	host->reset = reg_get(vm->vcpu[0], ABI_PSCI_VERSION);
	for (major = 0; major < 4; major++) {
		for (minor = 0; minor < 64; minor++) {
			val = major << 16 | minor;
			if (!psci_version_is_known(val) && host->nr_unknown < HOST_MAX_PSCI &&
			    !__reg_set(vm->vcpu[0], ABI_PSCI_VERSION, val))
				host->unknown[host->nr_unknown++] = val;
		}
	}
	test_vm_free(vm);
}

static void find_vgic(u32 type, struct host_vgic *host)
{
	struct test_vm *vm;
	u32 val;

	host->there = host_has_vgic(type);
	if (!host->there)
		return;
	vm = test_vm_create(1, 0, VM_NO_VGIC | VM_AT_EL1);
	vgic_create(vm, type);
	if (type == KVM_DEV_TYPE_ARM_VGIC_V3) {
		host->early = !__vgic_get(vm, 0, &vgic_typer2, &val);
		vgic_init(vm);
		host->nassgicap = vgic_get(vm, 0, &vgic_typer2) & ABI_GICD_TYPER2_NASSGICAP;
	}
	host->newest = ABI_IIDR_REVISION(vgic_get(vm, 0, &vgic_iidr));
	test_vm_free(vm);
}

/* Shared by all children of the harness, so that the first one looks for all of them */
struct host_cache {
	struct fw_config fw;
	bool has_fw;
	struct host_psci psci;
	bool has_psci;
	struct {
		struct host_vgic host;
		bool done;
	} vgic[2]; /* vGICv2, vGICv3 */
};

static struct host_cache *cache;

static void __attribute__((constructor)) share_cache(void)
{
	cache = mmap(NULL, sizeof(*cache), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	TEST_ASSERT(cache != MAP_FAILED, "mmap() of shared memory: errno %d", errno);
}

void host_fw(struct fw_config *cfg)
{
	if (!cache->has_fw) {
		find_fw(&cache->fw);
		cache->has_fw = true;
	}
	*cfg = cache->fw;
}

const struct host_psci *host_psci(void)
{
	if (!cache->has_psci) {
		find_psci(&cache->psci);
		cache->has_psci = true;
	}
	return &cache->psci;
}

bool host_takes_unknown_psci(u64 version)
{
	const struct host_psci *psci = host_psci();
	unsigned int i;

	for (i = 0; i < psci->nr_unknown; i++)
		if (psci->unknown[i] == version)
			return true;
	return false;
}

void host_vgic(u32 type, struct host_vgic *vgic)
{
	unsigned int v3 = type == KVM_DEV_TYPE_ARM_VGIC_V3;

	if (!cache->vgic[v3].done) {
		find_vgic(type, &cache->vgic[v3].host);
		cache->vgic[v3].done = true;
	}
	*vgic = cache->vgic[v3].host;
}

unsigned int host_vgic_v3(void)
{
	struct host_vgic host;

	host_vgic(KVM_DEV_TYPE_ARM_VGIC_V3, &host);
	return host.there ? VM_VGIC_V3 : 0;
}

const char *host_missing_conduit(enum conduit conduit)
{
	struct fw_config cfg;

	if (conduit == CONDUIT_HVC)
		return guest_at_el2 ? "a guest at EL2 takes an HVC itself" : NULL;
	host_fw(&cfg);
	return cfg.smc ? NULL : "this kernel does not serve SMC";
}

const char *host_missing_filter(void)
{
	struct fw_config cfg;

	host_fw(&cfg);
	return cfg.filter ? NULL : "this kernel has no SMCCC filter";
}
