/* Libraries that lie about their data (tests/libs/lying.c), through hosts of both bitnesses: counts, ends, addresses,
 * kinds and circles are not what was declared. The caller gets an error or data that it can read, and goes on. */
#include "sessions.h"

#include <sys/resource.h>

#define NUMBERS "struct numbers { unsigned count; _Field_size_(count) int *values; }; "
#define VALUE                                                                                                          \
    NUMBERS "struct value { int kind; union { _Fc_union_(kind == 1) long long number; "                                \
            "_Fc_union_(kind == 2) _Field_z_ char *text; _Fc_union_(kind == 3) _Field_size_opt_(1) struct numbers "    \
            "*numbers; } is; }; "
#define NODE "struct node { int number; _Field_size_opt_(1) struct node *next; }; "

struct numbers {
    unsigned count;
    int *values;
};

struct value {
    int kind;
    union {
        long long number;
        char *text;
        struct numbers *numbers;
    } is;
};

struct node {
    int number;
    struct node *next;
};

#define PACKET                                                                                                         \
    "struct packet { unsigned count; _Field_size_opt_(1) struct packet *next; _Field_size_(count) int values[]; }; "

struct packet {
    unsigned count;
    struct packet *next;
    int values[];
};

static const char *const targets[] = {HARNESS_OWN_TARGET, HARNESS_OTHER_TARGET};
static const unsigned counts[] = {0, 1, 2, 1000, 1u << 16, 1u << 22, INT32_MAX, 1u << 31, UINT32_MAX - 3, UINT32_MAX};
#define EACH_TARGET_OF_TWO                                                                                             \
    size_t at_target = 0;                                                                                              \
    at_target < 2;                                                                                                     \
    at_target++
#define EACH_COUNT                                                                                                     \
    size_t at_count = 0;                                                                                               \
    at_count < sizeof counts / sizeof *counts;                                                                         \
    at_count++
#define EACH_PLACE                                                                                                     \
    int place = 0;                                                                                                     \
    place < stage.places;                                                                                              \
    place++

struct stage {
    struct fc_library *library;
    struct fc_function *adding;
    int places;
};

static struct stage stage_open(const char *target) {
    struct stage stage = {0};
    struct fc_options *options = fc_options_new();
    struct fc_session *session = NULL;
    must(fc_options_set_target(options, target));
    must(fc_options_set_deadline_ms(options, 30000));
    must(fc_session_open(options, &session));
    must(fc_library_open(session, harness_library(target, "lying"), &stage.library));
    fc_options_free(options);
    stage.adding = bind(stage.library, "int add(int a, int b)");
    stage.places = call_int(stage.library, "places");
    return stage;
}

static void stage_close(struct stage *stage) {
    fc_session_close(fc_library_session(stage->library));
}

/* What came of a call is an error that says so, or a success; and the session is as good as before. True: a success. */
static bool outcome(struct stage *stage, int rc) {
    int sum = 0;
    if (rc != FC_OK) {
        require(rc == FC_EDIED || rc == FC_EPROTO || rc == FC_ERANGE || rc == FC_ENOMEM || rc == FC_EINVAL ||
                rc == FC_EUNSUPPORTED);
        require(fc_error_text()[0] != '\0');
    }
    must(fc_call(stage->adding, &sum, 40, 2));
    require(sum == 42);
    return rc == FC_OK;
}

static volatile int64_t seen; /* so that reading is not left out */

static void read_numbers(const int *values, unsigned count) {
    for (unsigned i = 0; values != NULL && i < count; i++) {
        seen += values[i];
    }
}

static int hear_texts(const char **texts) {
    for (; *texts != NULL; texts++) {
        seen += (int64_t)strlen(*texts);
    }
    return 0;
}

static void read_value(const struct value *value) {
    seen += value->kind;
    if (value->kind == 2 && value->is.text != NULL) {
        seen += (int64_t)strlen(value->is.text);
    } else if (value->kind == 3 && value->is.numbers != NULL) {
        read_numbers(value->is.numbers->values, value->is.numbers->count);
    }
}

/* -- results ------------------------------------------------------------------------------------------------------- */

TEST(lying_texts_are_read_no_further_than_they_go) {
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *text_at = bind(stage.library, "_Ret_maybenull_z_ const char *text_at(int place)");
        for (EACH_PLACE) {
            const char *text = NULL;
            if (outcome(&stage, fc_call(text_at, &text, place)) && text != NULL) {
                seen += (int64_t)strlen(text);
            }
        }
        stage_close(&stage);
    }
}

TEST(lying_arrays_are_read_no_further_than_they_go) {
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *counted =
            bind(stage.library, "_Ret_reads_maybenull_(n) int *numbers_at(int place, ..., unsigned n)");
        struct fc_function *ended = bind(stage.library, "_Ret_maybenull_z_ int *numbers_at(int place)");
        for (EACH_PLACE) {
            const int *numbers = NULL;
            for (EACH_COUNT) {
                const unsigned count = counts[at_count];
                if (outcome(&stage, fc_call(counted, &numbers, place, count))) {
                    read_numbers(numbers, count);
                }
            }
            if (outcome(&stage, fc_call(ended, &numbers, place)) && numbers != NULL) {
                while (*numbers != 0) {
                    seen += *numbers++;
                }
            }
        }
        stage_close(&stage);
    }
}

/* What there would be memory for is asked for first: the files that memory consists of cannot become as large here. */
TEST(lying_counts_cost_no_memory) {
    enum { BEFORE_NOTHING = 5, LIMIT = 1 << 26 };
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *counted =
            bind(stage.library, "_Ret_reads_maybenull_(n) int *numbers_at(int place, ..., unsigned n)");
        struct rlimit before, limit;
        const int *numbers = NULL;
        require(getrlimit(RLIMIT_FSIZE, &before) == 0);
        limit = before;
        limit.rlim_cur = LIMIT;
        require(setrlimit(RLIMIT_FSIZE, &limit) == 0);
        must_fail(fc_call(counted, &numbers, BEFORE_NOTHING, 1u << 28), FC_EDIED, "SIGSEGV");
        require(setrlimit(RLIMIT_FSIZE, &before) == 0);
        outcome(&stage, FC_OK);
        stage_close(&stage);
    }
}

TEST(lying_lists_without_an_end_are_errors) {
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *tell_texts = bind(
            stage.library, "int tell_texts(int (*hear)(_In_ _NullNull_terminated_ _Deref_pre_z_ const char **texts), "
                           "int place)");
        for (EACH_PLACE) {
            assert_false(outcome(&stage, fc_call(tell_texts, NULL, hear_texts, place)));
        }
        stage_close(&stage);
    }
}

/* -- structs ------------------------------------------------------------------------------------------------------- */

TEST(lying_counts_of_members_do_not_reach_beyond_them) {
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *lie_of_count =
            bind(stage.library, NUMBERS "int lie_of_count(_Inout_ struct numbers *numbers, unsigned count)");
        for (EACH_COUNT) {
            int values[12] = {9, 9, 9, 9, 1, 2, 3, 4, 9, 9, 9, 9};
            struct numbers numbers = {.count = 4, .values = values + 4};
            outcome(&stage, fc_call(lie_of_count, NULL, &numbers, counts[at_count]));
            assert_ptr_equal(numbers.values, values + 4);
            for (int i = 0; i < 12; i++) {
                assert_int_equal(values[i], i < 4 || i >= 8 ? 9 : i - 3);
            }
        }
        stage_close(&stage);
    }
}

TEST(lying_addresses_of_members_are_not_looked_through) {
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *lie_of_place =
            bind(stage.library, NUMBERS "int lie_of_place(_Inout_ struct numbers *numbers, int place)");
        for (EACH_PLACE) {
            int values[4] = {1, 2, 3, 4};
            struct numbers numbers = {.count = 4, .values = values};
            if (outcome(&stage, fc_call(lie_of_place, NULL, &numbers, place))) {
                read_numbers(numbers.values, numbers.count);
            }
        }
        stage_close(&stage);
    }
}

TEST(lying_structs_that_are_returned_are_checked) {
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *lie_of_both =
            bind(stage.library, NUMBERS "_Ret_valid_ struct numbers *lie_of_both(unsigned count, int place)");
        struct fc_function *struct_at =
            bind(stage.library, NUMBERS "_Ret_opt_valid_ struct numbers *numbers_struct_at(int place)");
        for (EACH_PLACE) {
            struct numbers *numbers = NULL;
            for (EACH_COUNT) {
                if (outcome(&stage, fc_call(lie_of_both, &numbers, counts[at_count], place))) {
                    read_numbers(numbers->values, numbers->count);
                }
            }
            if (outcome(&stage, fc_call(struct_at, &numbers, place)) && numbers != NULL) {
                read_numbers(numbers->values, numbers->count);
            }
        }
        stage_close(&stage);
    }
}

TEST(lying_kinds_of_unions_choose_nothing) {
    static const int kinds[] = {0, 1, 2, 3, 4, -1, INT32_MAX, INT32_MIN};
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *lie_of_kind =
            bind(stage.library, VALUE "int lie_of_kind(_Inout_ struct value *value, int kind)");
        struct fc_function *value_at =
            bind(stage.library, VALUE "_Ret_valid_ struct value *value_at(int kind, int place)");
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            struct value value = {.kind = 1, .is.number = 0x6162636465666768};
            if (outcome(&stage, fc_call(lie_of_kind, NULL, &value, kinds[i]))) {
                read_value(&value);
            }
            for (EACH_PLACE) {
                const struct value *returned = NULL;
                if (outcome(&stage, fc_call(value_at, &returned, kinds[i], place))) {
                    read_value(returned);
                }
            }
        }
        stage_close(&stage);
    }
}

TEST(lying_chains_are_followed_to_where_they_break) {
    static const unsigned lengths[] = {0, 1, 2, 17, 1000};
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *nodes =
            bind(stage.library, NODE "_Ret_opt_valid_ struct node *nodes(unsigned count, int is_circle, int place)");
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            struct node *first = NULL;
            if (outcome(&stage, fc_call(nodes, &first, lengths[i], 1, 0)) && lengths[i] > 0) {
                struct node *node = first;
                for (unsigned step = 0; step < lengths[i]; step++) {
                    assert_int_equal(node->number, (int)(lengths[i] - 1 - step));
                    node = node->next;
                }
                assert_ptr_equal(node, first);
            }
            for (EACH_PLACE) {
                outcome(&stage, fc_call(nodes, &first, lengths[i], 0, place));
            }
        }
        stage_close(&stage);
    }
}

TEST(honest_chains_of_any_order_are_followed_to_their_end) {
    const unsigned count = rounds(100000);
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *nodes =
            bind(stage.library, NODE "_Ret_opt_valid_ struct node *nodes_in_order(unsigned count, int order)");
        for (int order = 0; order < 3; order++) {
            struct node *node = NULL;
            must(fc_call(nodes, &node, count | 1, order));
            for (unsigned i = 0; i < (count | 1); i++, node = node->next) {
                require(node != NULL && node->number == (int)i);
            }
            require(node == NULL);
        }
        stage_close(&stage);
    }
}

static int hear_packet(struct packet *packet) {
    int sum = 0;
    for (unsigned i = 0; i < packet->count; i++) {
        sum += packet->values[i];
        packet->values[i] = -packet->values[i];
    }
    return packet->next == packet ? sum : -1;
}

TEST(lying_structs_that_run_on_do_so_as_far_as_they_go) {
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *of[] = {
            bind(stage.library, PACKET "_Ret_valid_ struct packet *packet_of_heap(unsigned count, unsigned said)"),
            bind(stage.library, PACKET "_Ret_valid_ struct packet *packet_of_library(unsigned count, unsigned said)"),
        };
        struct fc_function *tell =
            bind(stage.library, PACKET "int tell_packet(int (*hear)(_Inout_ struct packet *packet), unsigned count, "
                                       "unsigned said)");
        for (unsigned count = 0; count < 5000; count += count + 1) {
            int result = 0;
            for (int where = 0; where < 2; where++) {
                struct packet *packet = NULL;
                must(fc_call(of[where], &packet, count, count));
                require(packet->count == count && packet->next == packet);
                for (unsigned i = 0; i < count; i++) {
                    require(packet->values[i] == (int)i + 1);
                }
            }
            must(fc_call(tell, &result, hear_packet, count, count));
            require(result == (int)(count * (count + 1) / 2 - count));
        }
        for (EACH_COUNT) {
            struct packet *packet = NULL;
            for (int where = 0; where < 2; where++) {
                if (outcome(&stage, fc_call(of[where], &packet, 3, counts[at_count]))) {
                    read_numbers(packet->values, packet->count);
                }
            }
            outcome(&stage, fc_call(tell, NULL, hear_packet, 3, counts[at_count]));
        }
        stage_close(&stage);
    }
}

/* -- upcalls ------------------------------------------------------------------------------------------------------- */

static int hear_numbers(const int *values, int count) {
    read_numbers(values, count > 0 ? (unsigned)count : 0);
    return count;
}
static int hear_text(const char *text) {
    return text != NULL ? (int)strlen(text) : 0;
}
static int hear_struct(const struct numbers *numbers) {
    read_numbers(numbers->values, numbers->count);
    return 0;
}
static int hear_value(const struct value *value) {
    read_value(value);
    return 0;
}

TEST(lying_arguments_of_callbacks_are_checked) {
    for (EACH_TARGET_OF_TWO) {
        struct stage stage = stage_open(targets[at_target]);
        struct fc_function *tell_numbers =
            bind(stage.library, "int tell_numbers(int (*hear)(_In_reads_(count) const int *values, int count), "
                                "int count, int place)");
        struct fc_function *tell_text =
            bind(stage.library, "int tell_text(int (*hear)(_In_z_ const char *text), int place)");
        struct fc_function *tell_struct =
            bind(stage.library, NUMBERS "int tell_struct(int (*hear)(_Inout_ struct numbers *numbers), unsigned count, "
                                        "int place)");
        struct fc_function *tell_value =
            bind(stage.library, VALUE "int tell_value(int (*hear)(_Inout_ struct value *value), int kind, int place)");
        for (EACH_PLACE) {
            for (EACH_COUNT) {
                outcome(&stage, fc_call(tell_numbers, NULL, hear_numbers, (int)counts[at_count], place));
                outcome(&stage, fc_call(tell_struct, NULL, hear_struct, counts[at_count], place));
            }
            outcome(&stage, fc_call(tell_text, NULL, hear_text, place));
            for (int kind = -1; kind < 5; kind++) {
                outcome(&stage, fc_call(tell_value, NULL, hear_value, kind, place));
            }
        }
        stage_close(&stage);
    }
}
