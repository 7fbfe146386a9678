/* image: archives and import libraries. Not a public header.
 * Limits: FC__MEMBER_NAME_MAX, to which names of members are cut; FC__SEARCHED_MAX, the bytes that are searched for the
 * names of libraries in an archive of long import objects, once for each library. */
#ifndef FC_IMAGE_ARCHIVE_H
#define FC_IMAGE_ARCHIVE_H

#include "image/image.h"

enum { FC__MEMBER_NAME_MAX = 256, FC__SEARCHED_MAX = 1 << 30 };

/* During a visit; lives on the visitor's stack. */
struct fc_member {
    char name[FC__MEMBER_NAME_MAX];
    const unsigned char *data; /* NULL in a thin archive */
    uint64_t len;
};

struct fc__walk {
    struct fc__bytes bytes;
    uint64_t at, names, names_len; /* the next header; the table of long names */
    bool is_thin;
};

void fc__walk_begin(const struct fc_image *image, struct fc__walk *walk);
/* The next member that is no index. Errors: FC_EFORMAT. */
int fc__walk_next(struct fc__walk *walk, struct fc_member *member, bool *ret_is_end, struct fc__error *err);

#endif
