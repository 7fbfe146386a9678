/* conformance: who owns what: memory of the library's, handles, contexts that keep the caller's memory. */
#ifndef CONFORMANCE_MEMORY_H
#define CONFORMANCE_MEMORY_H

#include "sal.h"

#include <stddef.h>

/* Allocated by the library, handed out, freed by it. */
void make_doubles(int count, _Outptr_result_buffer_(count) double **values);
void make_longs(_Inout_ int *count, _Outptr_result_buffer_(*count) long **values);
void free_memory(_Fc_opaque_ void *memory);
struct series {
    int count;
    _Field_size_(count) double *values;
};
void make_series(_Out_ struct series *series, int count);
void drop_series(_Inout_ struct series *series);
struct entry {
    long key;
    _Field_z_ char *name;
};
void make_entry(int seed, _Outptr_ struct entry **entry);
void drop_entry(_Fc_opaque_ struct entry *entry);
int make_text(int seed, _Outptr_result_z_ char **text);
_Ret_z_ char *duplicate_text(_In_z_ const char *text);
int duplicate_bytes(_In_reads_bytes_(size) const void *data, int size,
                    _Outptr_result_bytebuffer_(size) unsigned char **copy);
int make_table(_Outptr_result_maybenull_ _Fc_opaque_ void **table, int rows);
int row_of_table(_Fc_opaque_ const void *table, int row);

/* Handles. */
struct counter;
struct counter *counter_new(int start);
int counter_next(struct counter *counter);
int counter_create(_Outptr_ struct counter **counter, int start);
void counter_free(struct counter *counter);
struct counter *counter_busier(struct counter *a, struct counter *b);

/* The caller's own pointers: kept and given back, looked at never. */
void keep_pointer(_Fc_opaque_ void *pointer, int slot);
_Fc_opaque_ void *kept_pointer(int slot);
int exchange_pointer(_Inout_ _Fc_opaque_ void **pointer);
int is_kept_pointer(_Fc_opaque_ const void *pointer, int slot);

/* Contexts that know a buffer: of the caller's, until the end; of their own. */
struct writer;
void reader_begin(_In_reads_bytes_(size) _Fc_kept_until_(reader_end) const void *data, size_t size);
int reader_next(void);
int reader_end(void);
struct writer *writer_begin(_Inout_updates_bytes_(size) _Fc_kept_until_(writer_end) void *buffer, size_t size);
int writer_put(struct writer *writer, int byte);
int writer_end(struct writer *writer);
struct box;
struct box *box_new(size_t size);
size_t box_size(struct box *box);
void box_store(struct box *box, size_t at, _In_reads_bytes_(size) const void *data, size_t size);
size_t box_load(struct box *box, size_t at, _Out_writes_bytes_to_(size, return ) void *data, size_t size);
void box_free(struct box *box);

/* A struct that the library remembers by its address, as zlib does its streams. */
struct stream {
    _Field_size_bytes_(available_in) const unsigned char *next_in;
    unsigned available_in;
    unsigned long total_in;
    _Field_size_bytes_(available_out) unsigned char *next_out;
    unsigned available_out;
    unsigned long total_out;
    struct stream_state *state;
    _Fc_opaque_ void *user;
};
_Fc_begins_ int stream_begin(_Inout_ _Fc_pinned_ struct stream *stream);
int stream_run(_Inout_ _Fc_pinned_ struct stream *stream);
_Fc_ends_ int stream_end(_Inout_ _Fc_pinned_ struct stream *stream);

/* Structs and images that the library makes and fills. */
struct image {
    int width, height, stride;
    _Field_size_bytes_(stride *height) unsigned char *pixels;
};
_Ret_opt_valid_ struct image *image_new(int width, int height);
void image_fill(_Fc_opaque_ struct image *image, int seed);
int image_row(_Fc_opaque_ const struct image *image, int row,
              _Out_writes_bytes_to_(size, return ) unsigned char *pixels, int size);
void image_free(_Fc_opaque_ struct image *image);
struct status {
    int calls;
    long last;
    char text[16];
};
_Ret_valid_ const struct status *current_status(long value);
_Ret_writes_(4) const long *current_quartet(long first);

/* A descriptor of the caller's. */
int write_to(_Fc_fd_ int fd, _In_reads_bytes_(size) const void *data, int size);
_Fc_fd_given_ int open_file(_Fc_path_ const char *path, int flags);
int write_and_close(_Fc_fd_given_ int fd, _In_reads_bytes_(size) const void *data, int size);

/* Outputs that may be left away. */
int measure(_In_z_ const char *text, _Out_opt_ size_t *bytes, _Out_opt_ int *words, _Out_opt_ long *lines);
_Success_(return == 0) int succeed_or_not(int value, _Out_ int *result, _Outptr_result_maybenull_z_ const char **text);

#endif
