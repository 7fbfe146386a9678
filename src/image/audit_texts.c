/* image: what texts of an application say of what it loads: manifests, .config files, .reg files.
 * Sources: Microsoft, "Assembly Manifests", "Application Manifests", "Configuration file schema", "InprocServer32". */
#include "image/audit.h"

#include <stdio.h>

enum { TEXT_MAX = 1024 };

static const char *copy_span(struct fc_audit *audit, struct fc__span_text span) {
    return span.text != NULL ? fc__audit_copy(audit, span.text, span.len) : "";
}

/* The part of a text up to the next `</name`, or all of it. */
static struct fc__span_text until_end_of(struct fc__span_text text, size_t at, const char *name) {
    char closing[64];
    struct fc__span_text rest = {text.text + at, text.len - at};
    snprintf(closing, sizeof closing, "%s>", name);
    for (const char *from = rest.text, *found;
         (found = memmem(from, rest.len - (size_t)(from - rest.text), closing, strlen(closing))) != NULL;
         from = found + 1) {
        const char *open = found;
        while (open > rest.text && open[-1] != '<' && open[-1] != '>') {
            open--;
        }
        if (open > rest.text && open[-1] == '<' && open[0] == '/') {
            rest.len = (size_t)(found - rest.text);
            break;
        }
    }
    return rest;
}

/* -- Manifests ---------------------------------------------------------------------------------------------------- */

/* The side-by-side assemblies that it depends on, and the files that are COM servers without registration. */
void fc__audit_read_manifest(struct fc_audit *audit, struct fc_audit_file *file, struct fc__span_text manifest) {
    for (size_t at = 0; fc__markup_tag(manifest, "dependentAssembly", &at).text != NULL;) {
        struct fc__span_text inside = until_end_of(manifest, at, "dependentAssembly");
        size_t within = 0;
        struct fc__span_text tag = fc__markup_tag(inside, "assemblyIdentity", &within);
        const char *name = copy_span(audit, fc__markup_attribute(tag, "name"));
        if (name[0] != '\0') {
            fc__audit_need(audit, file, FC_NEED_SIDE_BY_SIDE, name,
                           copy_span(audit, fc__markup_attribute(tag, "processorArchitecture")));
        }
    }
    size_t at = 0;
    for (struct fc__span_text tag; (tag = fc__markup_tag(manifest, "file", &at)).text != NULL;) {
        struct fc__span_text inside = until_end_of(manifest, at, "file");
        size_t within = 0;
        const char *name = copy_span(audit, fc__markup_attribute(tag, "name"));
        bool is_empty = tag.len > 0 && tag.text[tag.len - 1] == '/';
        if (!is_empty && name[0] != '\0' && fc__markup_tag(inside, "comClass", &within).text != NULL) {
            fc__audit_need(audit, file, FC_NEED_COM, name, NULL);
        }
    }
}

/* -- .config ------------------------------------------------------------------------------------------------------ */

void fc__audit_read_config(struct fc_audit *audit, struct fc_audit_process *process) {
    const void *data;
    void *handle;
    struct fc__span_text config;
    const char *path = fc__audit_format(audit, "%s.config", process->program->path);
    if (!audit->files.open(audit->files.user_data, path, &data, &config.len, &handle)) {
        return;
    }
    config.text = data;
    size_t at = 0;
    struct fc__span_text probing = fc__markup_tag(config, "probing", &at);
    process->private_paths = copy_span(audit, fc__markup_attribute(probing, "privatePath"));
    at = 0;
    for (struct fc__span_text tag; (tag = fc__markup_tag(config, "dependentAssembly", &at)).text != NULL;) {
        struct fc__span_text inside = until_end_of(config, at, "dependentAssembly");
        size_t within = 0, again = 0;
        struct fc__span_text identity = fc__markup_tag(inside, "assemblyIdentity", &within);
        struct fc__span_text base = fc__markup_tag(inside, "codeBase", &again);
        struct fc__span_text name = fc__markup_attribute(identity, "name"), href = fc__markup_attribute(base, "href");
        if (name.text != NULL && href.text != NULL && memmem(href.text, href.len, "://", 3) == NULL) {
            struct fc__code_base *code_base = fc__audit_alloc(audit, sizeof *code_base);
            if (code_base != NULL) {
                code_base->name = copy_span(audit, name);
                code_base->path = copy_span(audit, href);
                code_base->next = process->code_bases;
                process->code_bases = code_base;
            }
        }
    }
    audit->files.close(audit->files.user_data, handle);
}

/* -- .reg --------------------------------------------------------------------------------------------------------- */

/* One line of a .reg file, in bytes: of UTF-16, what is no ASCII becomes '?'. False at the end. */
static bool next_line(const char *data, size_t len, bool is_wide, size_t *at, char line[TEXT_MAX]) {
    size_t used = 0;
    if (*at >= len) {
        return false;
    }
    while (*at < len) {
        char c = data[*at];
        if (is_wide) {
            c = *at + 1 < len && data[*at + 1] != '\0' ? '?' : c;
            *at += 2;
        } else {
            *at += 1;
        }
        if (c == '\n') {
            break;
        }
        if (c != '\r' && used + 1 < TEXT_MAX) {
            line[used++] = c;
        }
    }
    line[used] = '\0';
    return true;
}

static const char *find_word(const char *text, const char *word) {
    size_t len = strlen(word);
    for (; *text != '\0'; text++) {
        if (strncasecmp(text, word, len) == 0) {
            return text;
        }
    }
    return NULL;
}

/* @="C:\\folder\\server.dll": leaves the path, with '/' between its parts, in `line`. */
static const char *server_path(char *line) {
    if (strncmp(line, "@=\"", 3) != 0) {
        return NULL;
    }
    char *out = line;
    for (const char *in = line + 3; *in != '\0' && *in != '"'; in++) {
        in += *in == '\\' && (in[1] == '\\' || in[1] == '"') ? 1 : 0;
        *out++ = *in == '\\' ? '/' : *in;
    }
    *out = '\0';
    return line;
}

static void add_server(struct fc_audit *audit, const char *reg, const char *path, bool is_32bit_view) {
    struct fc__server *server = fc__audit_alloc(audit, sizeof *server);
    if (server != NULL) {
        server->path = fc__audit_copy(audit, path, strlen(path));
        server->reg = reg;
        server->is_32bit_view = is_32bit_view;
        *audit->last_server = server;
        audit->last_server = &server->next;
    }
}

void fc__audit_read_reg(struct fc_audit *audit, const char *path, const char *data, size_t len) {
    bool is_wide = len >= 2 && (unsigned char)data[0] == 0xff && (unsigned char)data[1] == 0xfe;
    bool is_server = false, is_32bit_view = false;
    char line[TEXT_MAX];
    for (size_t at = is_wide ? 2 : 0; next_line(data, len, is_wide, &at, line);) {
        if (line[0] == '[') {
            is_server = find_word(line, "\\CLSID\\") != NULL && find_word(line, "\\InprocServer32]") != NULL;
            is_32bit_view = find_word(line, "\\Wow6432Node\\") != NULL;
        } else if (is_server && server_path(line) != NULL) {
            add_server(audit, path, line, is_32bit_view);
        }
    }
}
