/* bench: results as lines between processes, as a table and as JSON. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void bench_result_print(int fd, const struct bench_result *result) {
    char line[512];
    int len = snprintf(line, sizeof line, "%s\t%s\t%.17g\t%s\t%.17g\t%.17g\t%s\n", result->name, result->metric,
                       result->value, result->unit, result->floor, result->ratio, result->target);
    bench_check_errno(write(fd, line, (size_t)len) == len, "a result's pipe");
}

static void copy(char *to, size_t size, const char *from) {
    snprintf(to, size, "%s", from);
}

bool bench_result_parse(char *line, struct bench_result *ret_result) {
    enum { NAME, METRIC, VALUE, UNIT, FLOOR, RATIO, TARGET, FIELDS };
    char *fields[FIELDS];
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < FIELDS; i++) {
        fields[i] = strsep(&line, "\t");
        if (fields[i] == NULL) {
            return false;
        }
    }
    copy(ret_result->name, sizeof ret_result->name, fields[NAME]);
    copy(ret_result->metric, sizeof ret_result->metric, fields[METRIC]);
    copy(ret_result->unit, sizeof ret_result->unit, fields[UNIT]);
    copy(ret_result->target, sizeof ret_result->target, fields[TARGET]);
    ret_result->value = strtod(fields[VALUE], NULL);
    ret_result->floor = strtod(fields[FLOOR], NULL);
    ret_result->ratio = strtod(fields[RATIO], NULL);
    return true;
}

void bench_report(const char *name, const char *metric, double value, const char *unit, double floor, double ratio,
                  const char *target) {
    struct bench_result result = {.value = value, .floor = floor, .ratio = ratio};
    copy(result.name, sizeof result.name, name);
    copy(result.metric, sizeof result.metric, metric);
    copy(result.unit, sizeof result.unit, unit);
    copy(result.target, sizeof result.target, target);
    bench_result_print(bench.report_fd, &result);
}

void bench_report_pair(const char *name, const char *metric, struct bench_pair pair, const char *unit,
                       const char *target) {
    double unit_ns = strcmp(unit, "ms") == 0 ? 1e6 : strcmp(unit, "us") == 0 ? 1e3 : 1;
    bench_report(name, metric, pair.value / unit_ns, unit, pair.floor / unit_ns, pair.ratio, target);
}

/* -- for people ---------------------------------------------------------------------------------------------------- */

/* Four significant digits, without exponents. */
static void number(double value, char *text, size_t size) {
    double magnitude = fabs(value);
    int decimals = magnitude >= 1000 ? 0 : magnitude >= 100 ? 1 : magnitude >= 10 ? 2 : 3;
    if (isnan(value)) {
        copy(text, size, "-");
    } else {
        snprintf(text, size, "%.*f", decimals, value);
    }
}

void bench_table(const struct bench_result *results, size_t count) {
    const char *previous = "";
    printf("%-30s %-20s %12s %-13s %12s %8s  %s\n", "case", "metric", "value", "unit", "floor", "ratio", "target");
    for (size_t i = 0; i < count; i++) {
        const struct bench_result *result = &results[i];
        char value[32], floor_text[32], ratio[32];
        number(result->value, value, sizeof value);
        number(result->floor, floor_text, sizeof floor_text);
        if (isnan(result->ratio)) {
            copy(ratio, sizeof ratio, "-");
        } else {
            snprintf(ratio, sizeof ratio, "%.2f", result->ratio);
        }
        bool same = strcmp(previous, result->name) == 0;
        printf("%-30s %-20s %12s %-13s %12s %8s%s%s\n", same ? "" : result->name, result->metric, value, result->unit,
               floor_text, ratio, result->target[0] != '\0' ? "  " : "", result->target);
        previous = result->name;
    }
}

/* -- for programs -------------------------------------------------------------------------------------------------- */

static void put_number(FILE *file, const char *key, double value) {
    if (isfinite(value)) {
        fprintf(file, ",\"%s\":%.6g", key, value);
    } else {
        fprintf(file, ",\"%s\":null", key);
    }
}

/* Names, metrics and units are ours: nothing in them needs escaping. */
bool bench_json(const char *path, const struct bench_result *results, size_t count) {
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        return false;
    }
    fputs("[", file);
    for (size_t i = 0; i < count; i++) {
        fprintf(file, "%s\n  {\"name\":\"%s\",\"metric\":\"%s\"", i > 0 ? "," : "", results[i].name, results[i].metric);
        put_number(file, "value", results[i].value);
        fprintf(file, ",\"unit\":\"%s\"", results[i].unit);
        put_number(file, "floor", results[i].floor);
        put_number(file, "ratio", results[i].ratio);
        fputs("}", file);
    }
    fputs("\n]\n", file);
    return fclose(file) == 0;
}
