/* Conformance: who owns what: memory of the library's, handles, contexts that keep the caller's memory. */
#define CONFORMANCE_TEST "memory"
#include "conformance/cases.h"

#include "conformance/memory.h"

#include <fcntl.h>

/* -- allocated by the library -------------------------------------------------------------------------------------- */

CASE(array_allocated_by_the_library) {
    double *values = NULL;
    const int count = any_of(0, 30);
    CALL_VOID(make_doubles, count, &values);
    SEE_EACH(values, count);
    CALL_VOID(free_memory, (void *)values);
}

CASE(array_and_its_count_by_the_library) {
    long *values = NULL;
    int count = any_of(0, 30);
    CALL_VOID(make_longs, &count, &values);
    SEE(count);
    SEE_EACH(values, count);
    CALL_VOID(free_memory, (void *)values);
}

CASE(array_allocated_by_the_library_in_a_struct) {
    struct series series = {-1, NULL};
    const int count = any_of(0, 30);
    CALL_VOID(make_series, &series, count);
    SEE(series.count);
    SEE_EACH(series.values, count);
    CALL_VOID(drop_series, &series);
    SEE(series.count);
    SEE(series.values == NULL);
}

CASE(struct_allocated_by_the_library) {
    struct entry *entry = NULL;
    CALL_VOID(make_entry, any_of(0, 100000), &entry);
    SEE(entry->key);
    SEE(entry->name);
    CALL_VOID(drop_entry, entry);
}

CASE(string_allocated_by_the_library) {
    char *text = NULL;
    SEE(CALL(make_text, any_int(), &text));
    SEE(text);
    CALL_VOID(free_memory, (void *)text);
}

CASE(string_returned_to_be_freed) {
    char *const copy = CALL(duplicate_text, any_text(100));
    SEE(copy);
    CALL_VOID(free_memory, (void *)copy);
}

CASE(bytes_returned_to_be_freed) {
    char *const text = any_text(200);
    unsigned char *copy = NULL;
    const int size = CALL(duplicate_bytes, (const void *)text, (int)strlen(text), &copy);
    SEE(size);
    SEE_BYTES(copy, (size_t)size);
    CALL_VOID(free_memory, (void *)copy);
}

CASE(memory_as_a_handle) {
    const int rows = any_of(0, 9);
    void *table = &table;
    SEE(CALL(make_table, &table, rows));
    SEE(table == NULL);
    for (int i = 0; i < rows; i++) {
        SEE(CALL(row_of_table, (const void *)table, i));
    }
    CALL_VOID(free_memory, table);
}

/* -- handles ------------------------------------------------------------------------------------------------------- */

CASE(handle_returned_and_used) {
    struct counter *const counter = CALL(counter_new, any_int());
    SEE(CALL(counter_next, counter));
    SEE(CALL(counter_next, counter));
    CALL_VOID(counter_free, counter);
}

CASE(handle_through_an_output) {
    struct counter *counter = NULL;
    SEE(CALL(counter_create, &counter, any_int()));
    SEE(CALL(counter_next, counter));
    CALL_VOID(counter_free, counter);
}

CASE(several_handles_live) {
    struct counter *counters[10];
    for (int i = 0; i < 10; i++) {
        counters[i] = CALL(counter_new, any_int());
    }
    for (int i = 0; i < 30; i++) {
        SEE(CALL(counter_next, counters[any_of(0, 9)]));
    }
    for (int i = 0; i < 9; i++) {
        struct counter *const busier = CALL(counter_busier, counters[i], counters[i + 1]);
        SEE(busier == counters[i]);
        SEE(busier == counters[i + 1]);
    }
    for (int i = 0; i < 10; i++) {
        CALL_VOID(counter_free, counters[i]);
    }
}

/* -- the caller's pointers ----------------------------------------------------------------------------------------- */

CASE(opaque_pointer_of_the_caller_comes_back) {
    int on_stack = 1;
    static int in_data;
    void *const heap = malloc(8), *const pointers[] = {&on_stack, &in_data, heap, NULL, (void *)case_run, (void *)-1L};
    for (int i = 0; i < 6; i++) {
        CALL_VOID(keep_pointer, pointers[i], i);
    }
    for (int i = 0; i < 6; i++) {
        SEE(CALL(kept_pointer, i) == pointers[i]);
        SEE(CALL(is_kept_pointer, (const void *)pointers[i], i));
        SEE(CALL(is_kept_pointer, (const void *)pointers[i], (i + 1) % 6));
    }
    free(heap);
}

CASE(opaque_pointer_goes_in_and_another_comes_out) {
    static int things[4];
    void *pointer = &things[any_of(0, 3)], *const given = pointer;
    SEE(CALL(exchange_pointer, &pointer));
    SEE(pointer == NULL ? -1 : (int *)pointer - things);
    pointer = given;
    SEE(CALL(exchange_pointer, &pointer));
    SEE(pointer == given);
}

/* -- contexts that keep a buffer ----------------------------------------------------------------------------------- */

CASE(context_reads_a_buffer_of_the_callers) {
    char *const data = any_text(60);
    const size_t size = strlen(data);
    CALL_VOID(reader_begin, (const void *)data, size);
    for (size_t i = 0; i <= size; i++) {
        SEE(CALL(reader_next));
    }
    SEE(CALL(reader_end));
}

CASE(context_writes_a_buffer_of_the_callers) {
    unsigned char buffer[20];
    const size_t size = (size_t)any_of(0, 19);
    for (int i = 0; i < 20; i++) {
        RANDOM(buffer[i]);
    }
    struct writer *const writer = CALL(writer_begin, (void *)buffer, size);
    for (int i = any_of(0, 25); i > 0; i--) {
        SEE(CALL(writer_put, writer, any_of(0, 255)));
    }
    SEE(CALL(writer_end, writer));
    SEE_BYTES(buffer, sizeof buffer);
}

CASE(context_with_a_buffer_of_its_own) {
    struct box *const box = CALL(box_new, (size_t)any_of(0, 200));
    char *const data = any_text(50);
    char back[64] = "";
    SEE(CALL(box_size, box));
    CALL_VOID(box_store, box, (size_t)any_of(0, 250), (const void *)data, strlen(data));
    const size_t got = CALL(box_load, box, (size_t)any_of(0, 250), (void *)back, sizeof back);
    SEE(got);
    SEE_BYTES(back, got);
    CALL_VOID(box_free, box);
}

CASE(multiple_contexts_live) {
    struct box *boxes[6];
    for (int i = 0; i < 6; i++) {
        boxes[i] = CALL(box_new, (size_t)(i * 10));
    }
    for (int i = 0; i < 6; i++) {
        char *const data = any_text(9);
        CALL_VOID(box_store, boxes[i], (size_t)i, (const void *)data, strlen(data));
    }
    for (int i = 5; i >= 0; i--) {
        char back[64] = "";
        const size_t got = CALL(box_load, boxes[i], (size_t)0, (void *)back, sizeof back);
        SEE_BYTES(back, got);
        CALL_VOID(box_free, boxes[i]);
    }
}

CASE(stream_is_remembered_by_its_address) {
    unsigned char in[100], out[100] = {0};
    char mine = 0;
    struct stream stream = {.next_in = in, .next_out = out, .user = &mine};
    for (int i = 0; i < 100; i++) {
        RANDOM(in[i]);
    }
    SEE(CALL(stream_begin, &stream));
    for (int i = 0; i < 8; i++) {
        stream.available_in = (unsigned)any_of(0, 12);
        stream.available_out = (unsigned)any_of(0, 12);
        SEE(CALL(stream_run, &stream));
        SEE(stream.next_in - in);
        SEE(stream.next_out - out);
        SEE(stream.available_in);
        SEE(stream.available_out);
        SEE(stream.total_in);
        SEE(stream.total_out);
        SEE(stream.user == &mine);
    }
    SEE(CALL(stream_end, &stream));
    SEE(stream.state == NULL);
    SEE_BYTES(out, sizeof out);
}

/* -- images, states ------------------------------------------------------------------------------------------------ */

CASE(image_made_by_the_library) {
    struct image *const image = CALL(image_new, any_of(0, 10), any_of(1, 10));
    SEE(image == NULL);
    if (image == NULL) {
        return;
    }
    SEE(image->width);
    SEE(image->height);
    SEE(image->stride);
    CALL_VOID(image_fill, image, any_of(0, 255));
    for (int row = 0; row < image->height; row++) {
        unsigned char pixels[16] = {0};
        SEE(CALL(image_row, (const struct image *)image, row, pixels, any_of(0, 16)));
        SEE_BYTES(pixels, sizeof pixels);
    }
    CALL_VOID(image_free, image);
}

CASE(struct_in_static_storage_returned) {
    const struct status *const first = CALL(current_status, (long)any_int());
    SEE(first->calls);
    SEE(first->last);
    SEE(first->text);
    const struct status *const second = CALL(current_status, (long)any_int());
    SEE(second == first);
    SEE(second->calls);
    SEE(second->last);
    SEE(second->text);
}

CASE(array_in_static_storage_returned) {
    const long *const quartet = CALL(current_quartet, (long)any_int());
    SEE_EACH(quartet, 4);
}

/* -- descriptors ------------------------------------------------------------------------------------------------- */

CASE(descriptor_of_the_caller_is_written_to) {
    int ends[2];
    char got[64] = "";
    char *const data = any_text(60);
    require(pipe2(ends, O_CLOEXEC) == 0);
    SEE(CALL(write_to, ends[1], (const void *)data, (int)strlen(data)));
    close(ends[1]);
    SEE(read(ends[0], got, sizeof got));
    SEE_BYTES(got, sizeof got);
    close(ends[0]);
}

CASE(descriptor_of_the_caller_is_closed_by_the_library) {
    int ends[2];
    char got[64] = "";
    char *const data = any_text(60);
    require(pipe2(ends, O_CLOEXEC) == 0);
    SEE(CALL(write_and_close, ends[1], (const void *)data, (int)strlen(data)));
    SEE(fcntl(ends[1], F_GETFD) < 0);
    SEE(read(ends[0], got, sizeof got));
    SEE_BYTES(got, sizeof got);
    SEE(read(ends[0], got, sizeof got)); /* the end: nobody else can write */
    close(ends[0]);
}

CASE(path_of_a_file_with_any_name) {
    char path[64], got[64] = "";
    char *const data = any_text(60);
    snprintf(path, sizeof path, "%s/farcall-%d-\xc3\xbc \xe2\x82\xac", P_tmpdir, (int)getpid());
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    require(file >= 0 && write(file, data, strlen(data)) == (ssize_t)strlen(data));
    close(file);
    file = CALL(open_file, (const char *)path, O_RDONLY);
    SEE(file >= 0);
    SEE(read(file, got, sizeof got));
    SEE_BYTES(got, sizeof got);
    close(file);
    unlink(path);
    SEE(CALL(open_file, (const char *)path, O_RDONLY));
}

/* -- outputs ------------------------------------------------------------------------------------------------------- */

CASE(nullable_outputs) {
    size_t bytes = 1;
    int words = 2;
    long lines = 3;
    const int which = any_of(0, 7);
    SEE(CALL(measure, any_text(100), which & 1 ? &bytes : NULL, which & 2 ? &words : NULL, which & 4 ? &lines : NULL));
    SEE(bytes);
    SEE(words);
    SEE(lines);
}

CASE(outputs_of_a_call_that_failed_stay) {
    int result = 77;
    const char *text = "kept";
    const int code = CALL(succeed_or_not, any_of(0, 1000), &result, &text);
    SEE(code);
    SEE(result);
    SEE(text);
}
