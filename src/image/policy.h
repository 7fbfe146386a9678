/* image: what the rules of loaders share. See image.h; the rules themselves are tables.
 * Does not: ask the system. What is not in the image or the conditions is not known. */
#ifndef FC_IMAGE_POLICY_H
#define FC_IMAGE_POLICY_H

#include "base/arena.h"
#include "image/metadata.h"

#include <farcall/policy.h>

enum { FC__RUNTIMES_MAX = 64, FC__REASON_MAX = 512, FC__RUNTIME_MAX = 64 };

/* What an image is to loaders. The numbers of facts are bits, so that rules are masks. */
enum fc__fact {
    FC__IS_LIBRARY = 1 << 0,
    FC__IS_WIDE = 1 << 1,
    FC__IS_MANAGED = 1 << 2,
    FC__IS_IL_ONLY = 1 << 3,
    FC__HAS_REQUIRED = 1 << 4,
    FC__HAS_PREFERRED = 1 << 5,
    FC__IS_NEW = 1 << 6, /* CLI header 2.5 or later */
    FC__IS_MAJOR_LOW = 1 << 7,
    FC__IS_MAJOR_HIGH = 1 << 8,
    FC__HAS_NATIVE_ENTRY = 1 << 9,
    FC__CLAIMS_STRONG_NAME = 1 << 10,
    FC__HAS_STRONG_NAME = 1 << 11,
    FC__HAS_FIXUPS = 1 << 12,
    FC__HAS_WIN32_VERSION = 1 << 13,
    FC__HAS_UNKNOWN_FLAGS = 1 << 14,
    FC__IS_CLI_SHORT = 1 << 15, /* its directory's size */
    FC__IS_CB_SHORT = 1 << 16,  /* its own size */
    FC__HAS_NO_CODE = 1 << 17,
    FC__HAS_ODD_OPTIONAL = 1 << 18, /* SizeOfOptionalHeader is not that of the format */
};

/* Classes of images, of which each loader treats all members alike. */
enum fc__class {
    FC__CLASS_NO_IMAGE,
    FC__CLASS_ELF,
    FC__CLASS_MISMATCHED,
    FC__CLASS_FOREIGN,
    FC__CLASS_OTHER_MACHINE,
    FC__CLASS_I386,
    FC__CLASS_AMD64,
    FC__CLASS_ARM64,
    FC__CLASS_IA64,
    FC__CLASS_ARM,
    FC__CLASS_CHPE,
    FC__CLASS_ARM64EC,
    FC__CLASS_ARM64X,
    FC__CLASS_SHORT_CLI,
    FC__CLASS_ANYCPU,
    FC__CLASS_OLD,
    FC__CLASS_PREFERS_32,
    FC__CLASS_X86,
    FC__CLASS_MIXED,
    FC__CLASS_ILLEGAL,
    FC__CLASS_RESOURCES,
    FC__CLASS_COUNT
};

struct fc_conditions {
    struct fc__arena arena;
    enum fc_system system;
    const char *runtimes[FC__RUNTIMES_MAX];
    unsigned runtime_count;
    struct fc__span_text {
        const char *text;
        size_t len;
    } config, manifest;
    const char *framework, *roll_forward;
    bool is_64bit_disabled, prefers_arm64;
    int runtime_bits;
};

struct fc_opinion {
    enum fc_outcome outcome;
    uint32_t code;
    char reason[FC__REASON_MAX];
    const char *source;
};

struct fc_verdict {
    enum fc_process process;
    struct fc_opinion os, clr;
    bool has_clr;
    char runtime[FC__RUNTIME_MAX];
};

/* policy.c */
uint32_t fc__policy_facts(const struct fc_image *image);
enum fc__class fc__policy_class(const struct fc_image *image, uint32_t facts);
/* What the class is, in words that begin a sentence, and where its rule comes from. */
const char *fc__class_text(enum fc__class class);
const char *fc__class_source(enum fc__class class);
void fc__opinion_set(struct fc_opinion *opinion, enum fc_outcome outcome, uint32_t code, const char *source,
                     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* policy_clr.c: whether the runtime takes an image into a process; `is_start` for the program itself. False, and the
 * opinion says why, if not. */
bool fc__policy_accepts(const struct fc_image *image, const struct fc_conditions *conditions, enum fc_process process,
                        uint32_t facts, struct fc_opinion *opinion);

/* policy_runtime.c: which runtime a program gets; sets runtime and the runtime's opinion. */
void fc__policy_choose_runtime(const struct fc_image *image, const struct fc_conditions *conditions,
                               struct fc_verdict *verdict);

/* markup.c: the next start tag called `name` at or after `*at`: leaves `*at` behind it and returns the span of its
 * attributes, or NULL text. Comments are passed over; a prefix as in `asmv3:name` does not count. */
struct fc__span_text fc__markup_tag(struct fc__span_text text, const char *name, size_t *at);
/* The value of an attribute in such a span; NULL text if it is not there. */
struct fc__span_text fc__markup_attribute(struct fc__span_text attributes, const char *name);
bool fc__span_is(struct fc__span_text span, const char *text);

#endif
