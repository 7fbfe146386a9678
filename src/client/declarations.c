/* client: declarations of headers, shared by the libraries that were given them. */
#include "abi/declarations.h"
#include "client/client.h"

#include <stdlib.h>
#include <string.h>

struct fc_declarations {
    uint32_t references;
    const struct fc__target *callee;
    struct fc__declarations both;
};

/* Of all of them: what is done under it takes milliseconds, and a fork must not find it held for good. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void fc__declarations_before_fork(void) {
    pthread_mutex_lock(&lock);
}
void fc__declarations_after_fork(void) {
    pthread_mutex_unlock(&lock);
}

int fc_declarations_new(const char *target, struct fc_declarations **ret_declarations) {
    struct fc__error *err = fc__error_here();
    const struct fc__target *callee = target != NULL ? fc__target_find(target) : NULL;
    if (target == NULL || ret_declarations == NULL) {
        return fc__error_set(err, FC_EINVAL, "fc_declarations_new needs a target");
    }
    if (callee == NULL) {
        return fc__error_set(err, FC_ETARGET, "there is no target `%.100s`; fc_target_name lists them", target);
    }
    struct fc_declarations *declarations = calloc(1, sizeof *declarations);
    if (declarations == NULL) {
        return fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    declarations->references = 1;
    declarations->callee = callee;
    fc__declarations_init(&declarations->both, fc__target_native(), callee);
    *ret_declarations = declarations;
    return FC_OK;
}

void fc_declarations_free(struct fc_declarations *declarations) {
    if (declarations == NULL) {
        return;
    }
    pthread_mutex_lock(&lock);
    const bool is_last = --declarations->references == 0;
    pthread_mutex_unlock(&lock);
    if (is_last) {
        fc__declarations_done(&declarations->both);
        free(declarations);
    }
}

static int read_texts(struct fc_declarations *declarations, const char *name, const char *const texts[2],
                      bool may_skip) {
    struct fc__error *err = fc__error_here();
    if (declarations == NULL || name == NULL || texts[0] == NULL || texts[1] == NULL) {
        return fc__error_set(err, FC_EINVAL, "declarations are read from a text for each side, which has a name");
    }
    pthread_mutex_lock(&lock);
    int rc = fc__declarations_read(&declarations->both, name, texts[0], texts[1], may_skip, err);
    pthread_mutex_unlock(&lock);
    return rc;
}

int fc_declarations_read(struct fc_declarations *declarations, const char *name, const char *caller_text,
                         const char *callee_text) {
    return read_texts(declarations, name, (const char *const[]){caller_text, callee_text}, true);
}

int fc_declarations_amend(struct fc_declarations *declarations, const char *name, const char *text) {
    return read_texts(declarations, name, (const char *const[]){text, text}, false);
}

const char *fc_declarations_skipped(struct fc_declarations *declarations, size_t index) {
    if (declarations == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&lock);
    const char *why = fc__declarations_skipped(&declarations->both, index);
    pthread_mutex_unlock(&lock);
    return why;
}

const char *fc_declarations_function(struct fc_declarations *declarations, size_t index) {
    if (declarations == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&lock);
    const char *name = fc__declarations_function(&declarations->both, index);
    pthread_mutex_unlock(&lock);
    return name;
}

int fc_library_declare(struct fc_library *library, struct fc_declarations *declarations) {
    struct fc__error *err = fc__error_here();
    if (library == NULL) {
        return fc__error_set(err, FC_EINVAL, "fc_library_declare needs a library");
    }
    if (declarations != NULL && declarations->callee != library->session->callee) {
        return fc__error_set(err, FC_ETARGET, "the declarations are for %s, and the library is one for %s",
                             declarations->callee->name, library->session->callee->name);
    }
    pthread_mutex_lock(&lock);
    struct fc_declarations *old = library->declarations;
    library->declarations = declarations;
    if (declarations != NULL) {
        declarations->references++;
    }
    pthread_mutex_unlock(&lock);
    fc_declarations_free(old);
    return FC_OK;
}

/* What bound functions are compiled from outlives what the library is given next. */
static struct fc_declarations *declarations_of(struct fc_library *library) {
    pthread_mutex_lock(&lock);
    struct fc_declarations *declarations = library->declarations;
    if (declarations != NULL) {
        declarations->references++;
    }
    pthread_mutex_unlock(&lock);
    return declarations;
}

int fc__text_plan(const struct fc__target *callee, const char *text, const char *kinds, struct fc__plan **ret_plan,
                  struct fc__error *err) {
    const struct fc__target *const targets[2] = {fc__target_native(), callee};
    if (fc__declarations_is_name(text)) {
        return fc__error_set(err, FC_EINVAL,
                             "`%.200s` is a name alone, and no declarations were given that could have it: give the "
                             "declaration, or a header that has it (fc_library_declare, --header)",
                             text);
    }
    return fc__plan_parse(text, strlen(text), kinds == fc__plan_variable ? "declaration" : "prototype", targets, kinds,
                          ret_plan, err);
}

/* `declarations` NULL: the text says it all. */
static int compile(struct fc_declarations *declarations, const struct fc__target *callee, const char *text,
                   const char *kinds, struct fc__plan **ret_plan, struct fc__error *err) {
    if (declarations == NULL) {
        return fc__text_plan(callee, text, kinds, ret_plan, err);
    }
    pthread_mutex_lock(&lock);
    int rc = fc__declarations_plan(&declarations->both, text, kinds, ret_plan, err);
    pthread_mutex_unlock(&lock);
    return rc;
}

int fc__library_plan(struct fc_library *library, const char *text, const char *kinds, struct fc__plan **ret_plan,
                     struct fc__error *err) {
    struct fc_declarations *declarations = declarations_of(library);
    int rc = compile(declarations, library->session->callee, text, kinds, ret_plan, err);
    fc_declarations_free(declarations);
    return rc;
}

int fc__function_plan(struct fc_function *function, struct fc_library *library, const char *text,
                      struct fc__error *err) {
    struct fc_declarations *declarations = declarations_of(library);
    int rc = compile(declarations, library->session->callee, text, NULL, &function->plan, err);
    if (rc == FC_OK && function->plan->is_format) {
        function->declarations = declarations;
        function->text = strdup(text);
        function->variants = fc__variants_new();
        return function->text != NULL && function->variants != NULL ? FC_OK
                                                                    : fc__error_set(err, FC_ENOMEM, "out of memory");
    }
    fc_declarations_free(declarations);
    return rc;
}

int fc__function_plan_passing(struct fc_function *function, const char *kinds, struct fc__plan **ret_plan,
                              struct fc__error *err) {
    struct fc__plan *plan = NULL;
    int rc = compile(function->declarations, function->session->callee, function->text, kinds, &plan, err);
    if (rc == FC_OK && (!plan->is_format || plan->count != function->plan->count + strlen(kinds))) {
        rc = fc__error_set(err, FC_EINVAL, "%s was declared otherwise since it was bound: bind it again",
                           function->plan->name);
    }
    if (rc != FC_OK) {
        fc__plan_free(plan);
        return rc;
    }
    *ret_plan = plan;
    return FC_OK;
}

int fc_declarations_explain(struct fc_declarations *declarations, const char *function, char *buffer, size_t size_bytes,
                            size_t *ret_needed_bytes) {
    struct fc__error *err = fc__error_here();
    struct fc__plan *plan = NULL;
    struct fc__error other;
    if (declarations == NULL || function == NULL || (buffer == NULL && size_bytes != 0)) {
        return fc__error_set(err, FC_EINVAL,
                             "fc_declarations_explain needs declarations, a function, and a buffer if it has a size");
    }
    pthread_mutex_lock(&lock);
    int rc = fc__declarations_plan(&declarations->both, function, NULL, &plan, err);
    if (rc == FC_EPARSE) {
        rc = fc__declarations_plan(&declarations->both, function, fc__plan_variable, &plan, &other);
        rc = fc__describe_other(rc, &other, err);
    }
    pthread_mutex_unlock(&lock);
    rc = rc == FC_OK ? fc__describe_plan(plan, buffer, size_bytes, ret_needed_bytes, err) : rc;
    fc__plan_free(plan);
    return rc;
}
