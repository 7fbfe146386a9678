/* proxy: the C source of a proxy, and its version script. */
#include "proxy/constants.h"
#include "proxy/text.h"
#include "proxy/types.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* -- texts --------------------------------------------------------------------------------------------------------- */

static void write_string_or_null(FILE *out, const char *text) {
    if (text == NULL) {
        fputs("NULL", out);
    } else {
        fc__proxy_write_string(out, text);
    }
}

/* Of what a preprocessor wrote, without what only messages need: it was read once, and there will be none. */
static bool is_idle_line(const char *line, size_t len) {
    const size_t blanks = strspn(line, " \t\r");
    return blanks >= len || (line[blanks] == '#' && strncmp(line + blanks, "#pragma", 7) != 0);
}

static void write_text(FILE *out, const char *name, size_t number, const char *text) {
    fprintf(out, "static const char %s_%zu[] =\n", name, number);
    for (const char *line = text; *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        if (!is_idle_line(line, len)) {
            fputs("    \"", out);
            for (size_t i = 0; i < len; i++) {
                fc__proxy_write_character(out, (unsigned char)line[i]);
            }
            fputs("\\n\"\n", out);
        }
        line += len + (line[len] == '\n');
    }
    fputs("    \"\";\n", out);
}

static void write_texts(const struct fc__proxy *proxy, FILE *out) {
    const struct fc__proxy_request *request = &proxy->request;
    fputs("/* What is declared, as the compilers of both sides see it. */\n", out);
    for (size_t i = 0; i < request->text_count; i++) {
        write_text(out, "caller", i, request->texts[i].caller);
        if (request->texts[i].callee != request->texts[i].caller) {
            write_text(out, "callee", i, request->texts[i].callee);
        }
    }
    fputs("static const struct fc_proxy_text texts[] = {\n", out);
    for (size_t i = 0; i < request->text_count; i++) {
        const bool is_one = request->texts[i].callee == request->texts[i].caller;
        fputs("    {", out);
        fc__proxy_write_string(out, request->texts[i].name);
        fprintf(out, ", caller_%zu, %s_%zu},\n", i, is_one ? "caller" : "callee", i);
    }
    fputs("};\n\n", out);
}

/* -- symbols and variables ----------------------------------------------------------------------------------------- */

static bool has_twin(const struct fc__proxy *proxy, const struct fc__proxy_export *export) {
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *other = &proxy->exports[i];
        if (other != export && strcmp(other->symbol.name, export->symbol.name) == 0) {
            return true;
        }
    }
    return false;
}

/* The name in the object file. Where the version script cannot tell versions of one name apart, the assembler does. */
static void write_symbol(const struct fc__proxy *proxy, const struct fc__proxy_export *export, size_t number,
                         FILE *out) {
    const struct fc_export *symbol = &export->symbol;
    if (symbol->version != NULL && (export->is_old || has_twin(proxy, export))) {
        fprintf(out, "__asm__(\".symver p%zu, %s%s%s, remove\");\n", number, symbol->name, export->is_old ? "@" : "@@",
                symbol->version);
    }
}

static void write_label(const struct fc__proxy *proxy, const struct fc__proxy_export *export, size_t number,
                        FILE *out) {
    if (export->symbol.version != NULL && (export->is_old || has_twin(proxy, export))) {
        fprintf(out, " __asm__(\"p%zu\")", number);
    } else {
        fprintf(out, " __asm__(\"%s\")", export->symbol.name);
    }
}

static bool is_changing(const struct fc__proxy_export *export) {
    return export->is_data && export->state == FC__PROXY_BRIDGED && !export->plan->is_constant;
}

static void write_value(const struct fc__proxy_export *export, FILE *out) {
    fputs(" = {", out);
    for (uint64_t i = 0; export->value != NULL && i < export->symbol.size_bytes; i++) {
        fprintf(out, "%s%u,", i % 20 == 0 ? "\n    " : " ", export->value[i]);
    }
    fputs("\n};\n", out);
}

static void write_one_variable(const struct fc__proxy *proxy, const struct fc__proxy_export *export, size_t number,
                               FILE *out) {
    const struct fc__shape *shape = export->plan->result_shape;
    const uint64_t bytes = export->symbol.size_bytes;
    const char *constant = export->plan->is_constant ? "const " : "";
    fprintf(out, "EXPORTED extern %sunsigned char p%zu[%" PRIu64 "]", constant, number, bytes);
    write_label(proxy, export, number, out);
    fprintf(out, ";\n__attribute__((aligned(%" PRIu32 "))) %sunsigned char p%zu[%" PRIu64 "]",
            shape->alignment[FC__HERE], constant, number, bytes);
    write_value(export, out);
    write_symbol(proxy, export, number, out);
    if (is_changing(export)) {
        fprintf(out, "static unsigned char fresh_%zu[sizeof p%zu], seen_%zu[sizeof p%zu]", number, number, number,
                number);
        write_value(export, out);
    }
    fputc('\n', out);
}

static void write_variables(const struct fc__proxy *proxy, FILE *out) {
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *export = &proxy->exports[i];
        if (export->is_data && export->state == FC__PROXY_BRIDGED && export->constants == NULL && !export->is_odd) {
            write_one_variable(proxy, export, i, out);
        }
    }
    fputs("static struct fc_proxy_variable variables[] = {\n", out);
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *export = &proxy->exports[i];
        if (is_changing(export)) {
            fprintf(out, "    {\"%s\", p%zu, seen_%zu, fresh_%zu, sizeof p%zu, NULL},\n", export->declaration, i, i, i,
                    i);
        }
    }
    fputs("};\n\n", out);
}

/* Behind the functions and variables that they may point to. Those that point to each other are declared first. */
static void write_constants(const struct fc__proxy *proxy, FILE *out) {
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < proxy->count; i++) {
            const struct fc__proxy_export *export = &proxy->exports[i];
            if (export->constants == NULL || export->state != FC__PROXY_BRIDGED || export->is_odd) {
                continue;
            }
            if (pass == 0) {
                fprintf(out, "struct c%zu_0;\nEXPORTED extern const struct c%zu_0 p%zu", i, i, i);
                write_label(proxy, export, i, out);
                fputs(";\n", out);
            } else {
                fc__proxy_write_constants(out, proxy, export);
                fprintf(out, "const struct c%zu_0 p%zu", i, i);
                fc__proxy_write_constant(out, proxy, export, export->constants);
                write_symbol(proxy, export, i, out);
            }
        }
    }
}

/* -- tables -------------------------------------------------------------------------------------------------------- */

/* Called by the caller with nothing but values: what a signal handler may be the first to call. */
static bool is_bound_at_once(const struct fc__plan *plan) {
    bool is_plain = !plan->is_deep && !plan->result_string && !plan->is_open && !plan->takes_functions;
    for (uint32_t i = 0; i < plan->count; i++) {
        is_plain = is_plain && plan->steps[i].kind == FC__STEP_VALUE;
    }
    return is_plain;
}

/* What its stub says when it is called. */
static const char *refusal(const struct fc__proxy_export *export) {
    return export->state == FC__PROXY_BRIDGED   ? NULL
           : export->state == FC__PROXY_REFUSED ? export->why
                                                : "no header or sidecar that the proxy was made from declares it";
}

static void write_export(const struct fc__proxy_export *export, FILE *out) {
    const struct fc__plan *plan = export->is_data ? NULL : export->plan;
    fputs("    {", out);
    fc__proxy_write_string(out, export->symbol.name);
    fputs(", ", out);
    write_string_or_null(out, export->symbol.version);
    fputs(", ", out);
    write_string_or_null(out, refusal(export));
    fprintf(out, ", 0%s%s%s, %" PRId64 "},\n", plan != NULL && plan->fails ? " | FC_PROXY_FAILS" : "",
            plan != NULL && is_bound_at_once(plan) ? " | FC_PROXY_AT_ONCE" : "",
            export->is_data ? " | FC_PROXY_DATA" : "", plan != NULL && plan->fails ? plan->fails_with : 0);
}

/* The prefix and the name in capitals, up to its ".so" */
static void write_environment(const struct fc__proxy *proxy, const char *prefix, FILE *out) {
    const char *name = fc__proxy_name(proxy), *end = strstr(name, ".so");
    fprintf(out, "\"%s", prefix);
    for (; *name != '\0' && name != end; name++) {
        const bool is_letter = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');
        fputc(is_letter ? *name & ~0x20 : *name >= '0' && *name <= '9' ? *name : '_', out);
    }
    fputs("\"", out);
}

static void write_tables(const struct fc__proxy *proxy, FILE *out) {
    fputs("static const struct fc_proxy_export exports[] = {\n", out);
    for (size_t i = 0; i < proxy->count; i++) {
        write_export(&proxy->exports[i], out);
    }
    fputs("};\n", out);
    fc__proxy_write_snapshot(out, proxy);
    fprintf(out, "static struct fc_function *functions[%zu];\n", proxy->count);
    fputs("static struct fc_proxy proxy = {\n    .version = FC_PROXY_VERSION,\n    .name = ", out);
    fc__proxy_write_string(out, fc__proxy_name(proxy));
    fputs(",\n    .file = ", out);
    fc__proxy_write_string(out, proxy->file);
    fprintf(out, ",\n    .target = \"%s\",\n    .path = ", proxy->callee->name);
    write_string_or_null(out, proxy->request.path);
    fputs(",\n    .variable = ", out);
    write_environment(proxy, "FARCALL_LIBRARY_", out);
    fputs(",\n    .group = ", out);
    write_string_or_null(out, proxy->request.group);
    fputs(",\n    .deadline_variable = ", out);
    write_environment(proxy, "FARCALL_DEADLINE_MS_", out);
    fprintf(out, ",\n    .deadline_ms = %" PRIu32, proxy->request.deadline_ms);
    fprintf(out, ",\n    .exports_hash = 0x%016" PRIx64 "u,\n    .texts = texts,\n    .text_count = %zu,\n",
            proxy->hash, proxy->request.text_count);
    fprintf(out,
            "    .variables = variables,\n    .variable_count = sizeof variables / sizeof variables[0],\n"
            "    .constants = constants,\n    .constant_count = sizeof constants / sizeof constants[0],\n"
            "    .exports = exports,\n    .export_count = %zu,\n    .functions = functions,\n};\n\n",
            proxy->count);
    fputs("__attribute__((destructor)) static void close_proxy(void) {\n    fc_proxy_close(&proxy);\n}\n\n", out);
}

/* -- functions ----------------------------------------------------------------------------------------------------- */

static void write_parameters(const struct fc__plan *plan, size_t number, FILE *out) {
    fputc('(', out);
    for (uint32_t i = 0; i < plan->count; i++) {
        fputs(i == 0 ? "" : ", ", out);
        fc__proxy_write_argument(out, plan, i, number);
        fprintf(out, " a%" PRIu32, i);
    }
    const char *rest = plan->is_open ? (plan->takes_list ? ", va_list list)" : ", ...)") : ")";
    fputs(plan->count == 0 ? "void)" : rest, out);
}

static void write_prototype(const struct fc__plan *plan, size_t number, FILE *out) {
    fputs("EXPORTED ", out);
    fc__proxy_write_result(out, plan, number);
    fprintf(out, " p%zu", number);
    write_parameters(plan, number, out);
}

/* As it is declared, for a reader. */
static void write_comment(const struct fc__plan *plan, FILE *out) {
    fprintf(out, "/* %s %s(", plan->types[plan->count], plan->name);
    for (uint32_t i = 0; i < plan->count; i++) {
        fprintf(out, "%s%s", i == 0 ? "" : ", ", plan->types[i]);
    }
    fputs(plan->count == 0 ? "void) */\n" : plan->is_open ? ", ...) */\n" : ") */\n", out);
}

static void write_call(const struct fc__plan *plan, size_t number, bool is_void, FILE *out) {
    const bool is_variadic = plan->is_open && !plan->takes_list;
    fprintf(out, "    FC_PROXY_CALL%s(&proxy, %zu, %s, %s", is_variadic ? "_FORMAT" : "", number,
            is_void ? "NULL" : "&result", is_void ? "0" : "sizeof result");
    if (is_variadic) {
        fprintf(out, ", a%" PRIu32, plan->count - 1);
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        fprintf(out, is_variadic ? ", &a%" PRIu32 : ", a%" PRIu32, i);
    }
    fputs(plan->takes_list ? ", list);\n" : ");\n", out);
}

/* The argument as the callee's word has it, of which plain values fill all. */
static void write_put(const struct fc__plan *plan, uint32_t index, FILE *out) {
    const struct fc__fetched *fetched = &plan->fetches[index];
    const bool is_wide = fetched->bytes == 8 || plan->callee->word_bytes == 8;
    const char *type = fetched->kind == FC__FETCH_FLOAT    ? "float"
                       : fetched->kind == FC__FETCH_DOUBLE ? "double"
                       : is_wide                           ? (fetched->is_signed ? "long long" : "unsigned long long")
                                                           : (fetched->is_signed ? "int" : "unsigned int");
    fprintf(out, "        FC_PROXY_PUT(lane.line, %u, %s, a%" PRIu32 ");\n", plan->puts[index].offset, type, index);
}

/* All of it in the line: no plan is looked at. */
static void write_short(const struct fc__plan *plan, size_t number, bool is_void, FILE *out) {
    fprintf(out,
            "    struct fc_function *function = fc_proxy_function(&proxy, %zu);\n"
            "    const struct fc_proxy_lane lane = fc_proxy_begin(function, 0x%" PRIx32 ");\n"
            "    if (lane.line != NULL) {\n        uint64_t value;\n",
            number, plan->info);
    for (uint32_t i = 0; i < plan->count; i++) {
        write_put(plan, i, out);
    }
    fputs("        const int rc = fc_proxy_end(function, lane, &value);\n"
          "        if (__builtin_expect(rc == FC_OK, 1)) {\n            return",
          out);
    if (!is_void) {
        fputs(" (", out);
        fc__proxy_write_result(out, plan, number);
        fputs(")value", out);
    }
    fprintf(out,
            ";\n        }\n        if (rc != FC_PROXY_AGAIN) {\n"
            "            FC_PROXY_SETTLE(&proxy, %zu, %s, %s);\n            return%s;\n        }\n    }\n",
            number, is_void ? "NULL" : "&result", is_void ? "0" : "sizeof result", is_void ? "" : " result");
}

static void write_bridged(const struct fc__proxy *proxy, const struct fc__proxy_export *export, size_t number,
                          FILE *out) {
    const struct fc__plan *plan = export->plan;
    const bool is_void = !plan->result_whole && plan->result.kind == FC__VALUE_VOID;
    write_comment(plan, out);
    fc__proxy_write_structs(out, plan, number);
    write_prototype(plan, number, out);
    write_label(proxy, export, number, out);
    fputs(";\n", out);
    write_prototype(plan, number, out);
    fputs(" {\n", out);
    fputs(proxy->has_variables ? "    FC_PROXY_SYNC(&proxy);\n" : "", out);
    if (!is_void) {
        fputs("    ", out);
        fc__proxy_write_result(out, plan, number);
        fputs(" result;\n", out);
    }
    if (plan->is_short) {
        write_short(plan, number, is_void, out);
    }
    write_call(plan, number, is_void, out);
    fputs(is_void ? "}\n" : "    return result;\n}\n", out);
    write_symbol(proxy, export, number, out);
    fputc('\n', out);
}

/* It takes anything, and never returns. */
static void write_refused(const struct fc__proxy *proxy, const struct fc__proxy_export *export, size_t number,
                          FILE *out) {
    fprintf(out, "EXPORTED void p%zu(void)", number);
    write_label(proxy, export, number, out);
    fprintf(out, ";\nEXPORTED void p%zu(void) {\n    FC_PROXY_CALL(&proxy, %zu, NULL, 0);\n}\n", number, number);
    write_symbol(proxy, export, number, out);
    fputc('\n', out);
}

static void write_alias(const struct fc__proxy *proxy, const struct fc__proxy_export *export, size_t number,
                        FILE *out) {
    const size_t first = (size_t)(export->same_as - proxy->exports);
    const bool is_versioned = export->same_as->symbol.version != NULL && has_twin(proxy, export->same_as);
    fprintf(out, "EXPORTED extern __typeof__(p%zu) p%zu", first, number);
    write_label(proxy, export, number, out);
    if (is_versioned) {
        fprintf(out, " __attribute__((alias(\"p%zu\")));\n", first);
    } else {
        fprintf(out, " __attribute__((alias(\"%s\")));\n", export->same_as->symbol.name);
    }
    write_symbol(proxy, export, number, out);
    fputc('\n', out);
}

static void write_functions(const struct fc__proxy *proxy, FILE *out) {
    for (size_t i = 0; i < proxy->count; i++) {
        const struct fc__proxy_export *export = &proxy->exports[i];
        if (export->is_odd) {
            continue;
        }
        if (export->same_as == NULL && !export->is_data && export->state == FC__PROXY_BRIDGED) {
            write_bridged(proxy, export, i, out);
        } else if (export->same_as == NULL && !export->is_data) {
            write_refused(proxy, export, i, out);
        }
    }
    for (size_t i = 0; i < proxy->count; i++) { /* behind what they are aliases of */
        if (proxy->exports[i].same_as != NULL) {
            write_alias(proxy, &proxy->exports[i], i, out);
        }
    }
}

int fc__proxy_write_source(const struct fc__proxy *proxy, FILE *out, struct fc__error *err) {
    fprintf(out,
            "/* %s for %s, standing for the one for %s.\n"
            " * Written by `farcall proxy`, version %s; do not edit, but generate it anew. */\n"
            "#include <farcall/proxy.h>\n\n"
            "#define EXPORTED __attribute__((visibility(\"default\")))\n\n",
            fc__proxy_name(proxy), proxy->caller->name, proxy->callee->name, fc_version());
    write_texts(proxy, out);
    write_variables(proxy, out);
    write_tables(proxy, out);
    write_functions(proxy, out);
    write_constants(proxy, out);
    return ferror(out) == 0 ? FC_OK : fc__error_set(err, FC_ENOMEM, "out of memory");
}

/* -- versions ------------------------------------------------------------------------------------------------------ */

static bool is_first_of_version(const struct fc__proxy *proxy, size_t index) {
    const char *version = proxy->exports[index].symbol.version;
    for (size_t i = 0; version != NULL && i < index; i++) {
        const char *other = proxy->exports[i].symbol.version;
        if (other != NULL && !proxy->exports[i].is_odd && strcmp(other, version) == 0) {
            return false;
        }
    }
    return version != NULL && !proxy->exports[index].is_odd;
}

/* What has no version is not named, and stays without one; nor are old versions, which the assembler names. */
void fc__proxy_write_script(const struct fc__proxy *proxy, FILE *out) {
    for (size_t i = 0; i < proxy->count; i++) {
        if (!is_first_of_version(proxy, i)) {
            continue;
        }
        const char *version = proxy->exports[i].symbol.version, *heading = "  global:\n";
        fprintf(out, "%s {\n", version);
        for (size_t k = i; k < proxy->count; k++) {
            const struct fc_export *symbol = &proxy->exports[k].symbol;
            if (symbol->version != NULL && strcmp(symbol->version, version) == 0 && symbol->is_default &&
                !proxy->exports[k].is_odd) {
                fprintf(out, "%s    \"%s\";\n", heading, symbol->name);
                heading = ""; /* which must not stand alone */
            }
        }
        fputs("};\n", out);
    }
}
