/* image: what policy says of an audited file: as the program of a process, and as what a process loads. */
#include "image/audit.h"

static struct fc_conditions *general_conditions(struct fc_audit *audit, enum fc_system system) {
    struct fc_conditions **conditions = &audit->general[system];
    if (*conditions == NULL) {
        int result = audit->files.conditions != NULL
                         ? audit->files.conditions(audit->files.user_data, system, NULL, conditions)
                         : fc_conditions_new(system, conditions);
        audit->is_broken = audit->is_broken || result != FC_OK;
    }
    return *conditions;
}

/* -- Loading ------------------------------------------------------------------------------------------------------ */

static enum fc_load_way way_of(enum fc_need need, bool is_managed) {
    switch (need) {
    case FC_NEED_IMPORT:
        return FC_LOAD_IMPORT;
    case FC_NEED_PINVOKE:
        return FC_LOAD_PINVOKE;
    case FC_NEED_ASSEMBLY:
    case FC_NEED_APPHOST:
        return FC_LOAD_ASSEMBLY;
    case FC_NEED_HOST:
        return is_managed ? FC_LOAD_ASSEMBLY : FC_LOAD_LIBRARY;
    default:
        return FC_LOAD_LIBRARY;
    }
}

static void judge_image(struct fc_audit *audit, const struct fc_image *image, struct fc__judged *judged) {
    const struct fc_conditions *conditions = general_conditions(audit, judged->system);
    struct fc_verdict *verdict;
    if (conditions == NULL || fc_policy_load(image, conditions, judged->process, judged->way, &verdict) != FC_OK) {
        return; /* no rules: nothing is said against it */
    }
    const struct fc_opinion *opinion = verdict->has_clr ? &verdict->clr : &verdict->os;
    judged->outcome = opinion->outcome;
    judged->code = opinion->code;
    judged->reason = fc__audit_copy(audit, opinion->reason, strlen(opinion->reason));
    judged->source = fc__audit_copy(audit, opinion->source, strlen(opinion->source));
    fc_verdict_free(verdict);
}

static struct fc__judged *judge(struct fc_audit *audit, const struct fc_audit_file *file, struct fc__judged what) {
    struct fc__judged *judged = fc__audit_alloc(audit, sizeof *judged);
    const void *data;
    size_t len;
    void *handle;
    struct fc_image *image;
    if (judged == NULL) {
        return NULL;
    }
    *judged = what;
    if (audit->files.open(audit->files.user_data, file->path, &data, &len, &handle)) {
        if (fc_image_open(data, len, &image) == FC_OK) {
            judge_image(audit, image, judged);
            fc_image_close(image);
        }
        audit->files.close(audit->files.user_data, handle);
    }
    return judged;
}

const struct fc__judged *fc__audit_judge(struct fc_audit *audit, struct fc_audit_file *file, enum fc_need need,
                                         enum fc_system system, enum fc_process process) {
    if (!file->is_binary) {
        return NULL;
    }
    enum fc_load_way way = way_of(need, file->is_managed);
    for (const struct fc__judged *known = file->judged; known != NULL; known = known->next) {
        if (known->process == process && known->way == way && known->system == system) {
            return known;
        }
    }
    struct fc__judged what = {.process = process,
                              .way = way,
                              .system = system,
                              .outcome = FC_OUTCOME_WORKS,
                              .reason = "",
                              .source = "",
                              .next = file->judged};
    struct fc__judged *judged = judge(audit, file, what);
    file->judged = judged != NULL ? judged : file->judged;
    return judged;
}

/* -- Starting ----------------------------------------------------------------------------------------------------- */

static int ask(struct fc_audit *audit, const struct fc_audit_file *program, enum fc_system system,
               struct fc_verdict **ret_verdict) {
    struct fc_conditions *conditions = NULL;
    const void *data;
    size_t len;
    void *handle;
    struct fc_image *image;
    int result = audit->files.conditions != NULL
                     ? audit->files.conditions(audit->files.user_data, system, program->path, &conditions)
                     : fc_conditions_new(system, &conditions);
    if (result != FC_OK || !audit->files.open(audit->files.user_data, program->path, &data, &len, &handle)) {
        fc_conditions_free(conditions);
        return result != FC_OK ? result : FC_EINVAL;
    }
    result = fc_image_open(data, len, &image);
    if (result == FC_OK) {
        result = fc_policy_start(image, conditions, ret_verdict);
        fc_image_close(image);
    }
    audit->files.close(audit->files.user_data, handle);
    fc_conditions_free(conditions);
    return result;
}

struct fc_audit_process *fc__audit_start(struct fc_audit *audit, struct fc_audit_file *program, enum fc_system system) {
    struct fc_verdict *verdict;
    struct fc_audit_process *process = fc__audit_alloc(audit, sizeof *process);
    if (process == NULL || ask(audit, program, system, &verdict) != FC_OK) {
        return NULL;
    }
    const struct fc_opinion *os = &verdict->os, *clr = verdict->has_clr ? &verdict->clr : os;
    process->audit = audit;
    process->program = program;
    process->name = program->path;
    process->kind = verdict->process;
    process->system = system;
    process->folder = fc__audit_folder(audit, program->path);
    process->family = program->family;
    process->reason = fc__audit_copy(audit, os->reason, strlen(os->reason));
    process->runtime =
        verdict->runtime[0] != '\0' ? fc__audit_copy(audit, verdict->runtime, strlen(verdict->runtime)) : NULL;
    process->outcome = os->outcome;
    process->last_load = &process->loads;
    if (os->outcome != FC_OUTCOME_WORKS || clr->outcome != FC_OUTCOME_WORKS) {
        process->outcome = os->outcome == FC_OUTCOME_FAILS || clr->outcome == FC_OUTCOME_FAILS ? FC_OUTCOME_FAILS
                                                                                               : FC_OUTCOME_MAY_FAIL;
        fc__audit_note_start(audit, process, verdict);
    }
    fc_verdict_free(verdict);
    return process;
}
