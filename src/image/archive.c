/* image: what lies in archives of ar, and what import libraries import.
 * Sources: ar(5) of FreeBSD and the GNU and BSD ways of long names; Microsoft's "PE Format", archive files and import
 * library format; the objects of binutils' dlltool. One walk over the file, in steps of a member. */
#include "image/archive.h"

#include <stdlib.h>

enum { MAGIC_LEN = 8, HEADER_LEN = 60, NAME_LEN = 16, SIZE_AT = 48, SIZE_LEN = 10, END_AT = 58 };
enum { LOOKED_AT_MAX = 16 };

/* -- Members ------------------------------------------------------------------------------------------------------ */

/* A decimal number of at most `len` digits, ended by a space; false if it is none. */
static bool read_number(const unsigned char *text, size_t len, uint64_t *ret_number) {
    uint64_t number = 0;
    size_t i = 0;
    for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
        number = number * 10 + (unsigned)(text[i] - '0');
    }
    *ret_number = number;
    return i > 0 && (i == len || text[i] == ' ');
}

/* Names end with a slash, a line feed or a NUL; those in headers may be filled up with spaces instead. */
static void copy_name(struct fc_member *member, const unsigned char *text, uint64_t len, bool ends_at_slash) {
    size_t used = 0;
    while (used < len && used < sizeof member->name - 1 && text[used] != '\n' && text[used] != '\0' &&
           !(ends_at_slash && text[used] == '/')) {
        member->name[used] = (char)text[used];
        used++;
    }
    while (used > 0 && member->name[used - 1] == ' ') {
        used--;
    }
    member->name[used] = '\0';
}

static void read_name(const struct fc__walk *walk, const unsigned char *field, struct fc_member *member) {
    uint64_t number;
    if (field[0] == '/' && read_number(field + 1, NAME_LEN - 1, &number)) {
        uint64_t room = number < walk->names_len ? walk->names_len - number : 0;
        const unsigned char *text = walk->bytes.data + (size_t)(walk->names + (room > 0 ? number : 0));
        copy_name(member, text, room, !walk->is_thin); /* thin archives have paths */
        size_t len = strlen(member->name);
        if (walk->is_thin && len > 0 && member->name[len - 1] == '/') {
            member->name[len - 1] = '\0';
        }
    } else if (memcmp(field, "#1/", 3) == 0 && read_number(field + 3, NAME_LEN - 3, &number) && number <= member->len) {
        copy_name(member, member->data, number, false);
        member->data += (size_t)number;
        member->len -= number;
    } else {
        copy_name(member, field, NAME_LEN, true);
    }
}

/* Indexes of symbols, in the ways of GNU, Microsoft and BSD, and the table of long names. */
static bool is_index(const unsigned char *field) {
    return memcmp(field, "/ ", 2) == 0 || memcmp(field, "// ", 3) == 0 || memcmp(field, "/SYM64/", 7) == 0 ||
           memcmp(field, "/<", 2) == 0 || memcmp(field, "__.SYMDEF", 9) == 0;
}

void fc__walk_begin(const struct fc_image *image, struct fc__walk *walk) {
    *walk = (struct fc__walk){.bytes = image->bytes, .at = MAGIC_LEN, .is_thin = image->format == FC_FORMAT_AR_THIN};
}

int fc__walk_next(struct fc__walk *walk, struct fc_member *member, bool *ret_is_end, struct fc__error *err) {
    const struct fc__bytes *bytes = &walk->bytes;
    for (;;) {
        uint64_t at = walk->at, len;
        *ret_is_end = at >= bytes->len;
        if (*ret_is_end) {
            return FC_OK;
        }
        if (!fc__bytes_has(bytes, at, HEADER_LEN)) {
            return fc__error_set(err, FC_EFORMAT, "archive: the member header at 0x%" PRIx64 " is cut off", at);
        }
        const unsigned char *field = bytes->data + (size_t)at;
        if (memcmp(field + END_AT, "`\n", 2) != 0 || !read_number(field + SIZE_AT, SIZE_LEN, &len)) {
            return fc__error_set(err, FC_EFORMAT, "archive: at 0x%" PRIx64 " there is no member header", at);
        }
        bool has_data = !walk->is_thin || is_index(field);
        if (has_data && !fc__bytes_has(bytes, at + HEADER_LEN, len)) {
            return fc__error_set(err, FC_EFORMAT,
                                 "archive: the member at 0x%" PRIx64 " has %" PRIu64 " bytes, past the end of the file",
                                 at, len);
        }
        walk->at = at + HEADER_LEN + (has_data ? len + (len & 1) : 0);
        if (memcmp(field, "// ", 3) == 0) {
            walk->names = at + HEADER_LEN;
            walk->names_len = len;
        }
        if (!is_index(field)) {
            member->data = has_data ? field + HEADER_LEN : NULL;
            member->len = has_data ? len : 0;
            read_name(walk, field, member);
            if (memcmp(member->name, "__.SYMDEF", 9) != 0) { /* under a long name */
                return FC_OK;
            }
        }
    }
}

int fc_image_visit_members(const struct fc_image *image, fc_member_visit_fn *visit, void *user_data) {
    struct fc__walk walk;
    struct fc_member member;
    bool is_end = image->format != FC_FORMAT_AR && image->format != FC_FORMAT_AR_THIN;
    int result = FC_OK;
    fc__walk_begin(image, &walk);
    while (result == FC_OK && !is_end) {
        result = fc__walk_next(&walk, &member, &is_end, fc__error_here());
        if (result == FC_OK && !is_end) {
            result = visit(user_data, &member);
        }
    }
    return result;
}

const char *fc_member_name(const struct fc_member *member) {
    return member->name;
}

const void *fc_member_data(const struct fc_member *member, size_t *ret_len_bytes) {
    *ret_len_bytes = (size_t)member->len;
    return member->data;
}

void fc__archive_read(struct fc_image *image) {
    struct fc__walk walk;
    struct fc_member member;
    struct fc__error err;
    bool is_end;
    fc__walk_begin(image, &walk);
    for (unsigned i = 0; i < LOOKED_AT_MAX && fc__walk_next(&walk, &member, &is_end, &err) == FC_OK && !is_end; i++) {
        struct fc_image inner = {.bytes = {.data = member.data, .len = member.len}};
        if (fc__elf_matches(&inner.bytes)) {
            (void)fc__elf_read(&inner, &err); /* its machine stands before what may be wrong */
        } else {
            fc__recognise(&inner);
        }
        if (inner.machine != NULL) {
            image->bits = inner.bits;
            image->order = inner.order;
            image->machine = inner.machine;
            image->machine_number = inner.machine_number;
            return;
        }
    }
}
