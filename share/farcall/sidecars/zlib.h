/* zlib 1.2.13: what zlib.h does not say of its pointers. Read after the header, preprocessed with -D_LARGEFILE64_SOURCE,
 * as the library itself is compiled: struct gzFile_s has a position of 64 bits then.
 *
 * - The library remembers streams by their address, from *Init* to *End. What next_in and next_out point to is passed for
 *   one call, and need not be there in between.
 * - The library allocates its memory itself: zalloc, zfree and opaque stay with the caller, and are not called.
 * - A stream that was never begun, or was ended, is refused before the library sees it: a proxy returns Z_STREAM_ERROR, as the
 *   library would.
 * - A gzFile is a copy of what gzgetc, a macro, looks into, and is brought up to date around each call.
 * - The positions of gzseek, gztell and gzoffset, and lengths that are combined, have the narrower side's width: those of
 *   the functions with 64 in their names have 64 bits on both.
 * - The window of inflateBackInit is copied to the library until inflateBackEnd; what an in_func hands out, for the
 *   call. What inflateBack has not used of it is where strm->next_in points, as natively. */

typedef struct z_stream_s {
    _Field_size_bytes_(avail_in) Bytef *next_in;
    _Field_size_bytes_(avail_out) Bytef *next_out;
    _Field_z_ char *msg;
    _Fc_local_ alloc_func zalloc;
    _Fc_local_ free_func zfree;
    _Fc_local_ voidpf opaque;
} z_stream;
struct gzFile_s {
    _Fc_opaque_ unsigned char *next;
};
/* What deflateSetHeader and inflateGetHeader do with the members of a gz_header has nothing in common. */
struct header_to_write {
    int text;
    uLong time;
    _Fc_local_ int xflags;
    int os;
    _Field_size_bytes_(extra_len) _Fc_kept_until_(deflateEnd) const Bytef *extra;
    uInt extra_len;
    _Fc_local_ uInt extra_max;
    _Field_z_ _Fc_kept_until_(deflateEnd) const Bytef *name;
    _Fc_local_ uInt name_max;
    _Field_z_ _Fc_kept_until_(deflateEnd) const Bytef *comment;
    _Fc_local_ uInt comm_max;
    int hcrc;
    _Fc_local_ int done;
};
struct header_to_read {
    _Fc_written_ int text;
    _Fc_written_ uLong time;
    _Fc_written_ int xflags;
    _Fc_written_ int os;
    _Field_size_bytes_(extra_max) _Fc_kept_until_(inflateEnd) Bytef *extra;
    _Fc_written_ uInt extra_len;
    uInt extra_max;
    _Field_size_bytes_(name_max) _Fc_kept_until_(inflateEnd) Bytef *name;
    uInt name_max;
    _Field_size_bytes_(comm_max) _Fc_kept_until_(inflateEnd) Bytef *comment;
    uInt comm_max;
    _Fc_written_ int hcrc;
    _Fc_written_ int done;
};

/* Streams that compress */
_Fc_begins_ _Success_(return == 0)
    _Fc_fails_with_(-2) int deflateInit_(_Fc_pinned_ _Out_ z_streamp strm, int level, _In_opt_z_ const char *version,
                                         _Fc_sizeof_(z_stream) int stream_size);
_Fc_begins_ _Success_(return == 0)
    _Fc_fails_with_(-2) int deflateInit2_(_Fc_pinned_ _Out_ z_streamp strm, int level, int method, int windowBits,
                                          int memLevel, int strategy, _In_opt_z_ const char *version,
                                          _Fc_sizeof_(z_stream) int stream_size);
_Fc_fails_with_(-2) int deflate(_Fc_pinned_ _Inout_ z_streamp strm, int flush);
_Fc_ends_ _Fc_fails_with_(-2) int deflateEnd(_Fc_pinned_ _Inout_ z_streamp strm);
_Fc_fails_with_(-2) int deflateSetDictionary(_Fc_pinned_ _Out_ z_streamp strm,
                                             _In_reads_opt_(dictLength) const Bytef *dictionary, uInt dictLength);
_Fc_fails_with_(-2) int deflateGetDictionary(_Fc_pinned_ _Out_ z_streamp strm,
                                             _Out_writes_to_opt_(32768, *dictLength) Bytef *dictionary,
                                             _Out_opt_ uInt *dictLength);
_Fc_fails_with_(-2) int deflateReset(_Fc_pinned_ _Out_ z_streamp strm);
_Fc_fails_with_(-2) int deflateResetKeep(_Fc_pinned_ _Out_ z_streamp strm);
_Fc_fails_with_(-2) int deflateParams(_Fc_pinned_ _Inout_ z_streamp strm, int level, int strategy);
_Fc_fails_with_(-2) int deflateTune(_Fc_pinned_ _Out_ z_streamp strm, int good_length, int max_lazy, int nice_length,
                                    int max_chain);
uLong deflateBound(_Fc_pinned_ _Out_ z_streamp strm, uLong sourceLen);
_Fc_fails_with_(-2) int deflatePending(_Fc_pinned_ _Out_ z_streamp strm, _Out_opt_ unsigned *pending,
                                       _Out_opt_ int *bits);
_Fc_begins_ _Success_(return == 0)
    _Fc_fails_with_(-2) int deflateCopy(_Fc_pinned_ _Fc_copy_of_(source) _Out_ z_streamp dest,
                                        _Fc_pinned_ _In_ z_streamp source);
_Success_(return == 0)
    _Fc_fails_with_(-2) int deflateSetHeader(_Fc_pinned_ _Out_ z_streamp strm,
                                             _Fc_as_(struct header_to_write) _Fc_kept_until_(deflateEnd)
                                                 _In_opt_ gz_headerp head);
_Fc_fails_with_(-2) int deflatePrime(_Fc_pinned_ _Out_ z_streamp strm, int bits, int value);

/* Streams that decompress */
_Fc_begins_ _Success_(return == 0)
    _Fc_fails_with_(-2) int inflateInit_(_Fc_pinned_ _Out_ z_streamp strm, _In_opt_z_ const char *version,
                                         _Fc_sizeof_(z_stream) int stream_size);
_Fc_begins_ _Success_(return == 0)
    _Fc_fails_with_(-2) int inflateInit2_(_Fc_pinned_ _Out_ z_streamp strm, int windowBits,
                                          _In_opt_z_ const char *version, _Fc_sizeof_(z_stream) int stream_size);
_Fc_fails_with_(-2) int inflate(_Fc_pinned_ _Inout_ z_streamp strm, int flush);
_Fc_ends_ _Fc_fails_with_(-2) int inflateEnd(_Fc_pinned_ _Inout_ z_streamp strm);
_Fc_fails_with_(-2) int inflateSetDictionary(_Fc_pinned_ _Out_ z_streamp strm,
                                             _In_reads_opt_(dictLength) const Bytef *dictionary, uInt dictLength);
_Fc_fails_with_(-2) int inflateGetDictionary(_Fc_pinned_ _Out_ z_streamp strm,
                                             _Out_writes_to_opt_(32768, *dictLength) Bytef *dictionary,
                                             _Out_opt_ uInt *dictLength);
_Fc_fails_with_(-2) int inflateSync(_Fc_pinned_ _Inout_ z_streamp strm);
_Fc_fails_with_(-2) int inflateReset(_Fc_pinned_ _Out_ z_streamp strm);
_Fc_fails_with_(-2) int inflateReset2(_Fc_pinned_ _Out_ z_streamp strm, int windowBits);
_Fc_fails_with_(-2) int inflateResetKeep(_Fc_pinned_ _Out_ z_streamp strm);
_Fc_begins_ _Success_(return == 0)
    _Fc_fails_with_(-2) int inflateCopy(_Fc_pinned_ _Fc_copy_of_(source) _Out_ z_streamp dest,
                                        _Fc_pinned_ _In_ z_streamp source);
_Success_(return == 0)
    _Fc_fails_with_(-2) int inflateGetHeader(_Fc_pinned_ _Out_ z_streamp strm,
                                             _Fc_as_(struct header_to_read) _Fc_kept_until_(inflateEnd)
                                                 _Inout_ gz_headerp head);
_Fc_fails_with_(-2) int inflatePrime(_Fc_pinned_ _Out_ z_streamp strm, int bits, int value);
_Fc_fails_with_(-65536) long inflateMark(_Fc_pinned_ _Out_ z_streamp strm);
_Fc_fails_with_(-2) int inflateSyncPoint(_Fc_pinned_ _Out_ z_streamp strm);
_Fc_fails_with_(-2) int inflateUndermine(_Fc_pinned_ _Out_ z_streamp strm, int subvert);
_Fc_fails_with_(-2) int inflateValidate(_Fc_pinned_ _Out_ z_streamp strm, int check);
unsigned long inflateCodesUsed(_Fc_pinned_ _Out_ z_streamp strm);

/* Streams that decompress by callbacks: next_out and avail_out are not looked at, and need not be set. */
struct stream_without_output {
    _Field_size_bytes_(avail_in) Bytef *next_in;
    uInt avail_in;
    uLong total_in;
    _Fc_local_ Bytef *next_out;
    _Fc_local_ uInt avail_out;
    uLong total_out;
    _Field_z_ char *msg;
    struct internal_state *state;
    _Fc_local_ alloc_func zalloc;
    _Fc_local_ free_func zfree;
    _Fc_local_ voidpf opaque;
    int data_type;
    uLong adler;
    uLong reserved;
};
typedef unsigned (*in_func)(_Fc_opaque_ void *, _Outptr_result_bytebuffer_maybenull_(return) unsigned char **);
typedef int (*out_func)(_Fc_opaque_ void *, _In_reads_bytes_(n) unsigned char *data, unsigned n);
_Fc_begins_ _Success_(return == 0) _Fc_fails_with_(-2) int inflateBackInit_(
    _Fc_pinned_ _Out_ z_streamp strm, int windowBits,
    _Fc_kept_until_(inflateBackEnd) _Inout_updates_bytes_(windowBits == 15   ? 32768
                                                          : windowBits == 14 ? 16384
                                                          : windowBits == 13 ? 8192
                                                          : windowBits == 12 ? 4096
                                                          : windowBits == 11 ? 2048
                                                          : windowBits == 10 ? 1024
                                                          : windowBits == 9  ? 512
                                                          : windowBits == 8  ? 256
                                                                             : 0) unsigned char *window,
    _In_opt_z_ const char *version, _Fc_sizeof_(z_stream) int stream_size);
_Fc_fails_with_(-2) int inflateBack(_Fc_pinned_ _Fc_as_(struct stream_without_output) _Inout_ z_streamp strm,
                                    in_func in, _Fc_opaque_ void *in_desc, out_func out, _Fc_opaque_ void *out_desc);
_Fc_ends_ _Fc_fails_with_(-2) int inflateBackEnd(_Fc_pinned_ _Inout_ z_streamp strm);

/* In one piece */
_Success_(return == 0) int compress(_Out_writes_to_(*destLen, *destLen) Bytef *dest, _Inout_ uLongf *destLen,
                                    _In_reads_(sourceLen) const Bytef *source, uLong sourceLen);
_Success_(return == 0) int compress2(_Out_writes_to_(*destLen, *destLen) Bytef *dest, _Inout_ uLongf *destLen,
                                     _In_reads_(sourceLen) const Bytef *source, uLong sourceLen, int level);
int uncompress(_Out_writes_to_(*destLen, *destLen) Bytef *dest, _Inout_ uLongf *destLen,
               _In_reads_(sourceLen) const Bytef *source, uLong sourceLen);
int uncompress2(_Out_writes_to_(*destLen, *destLen) Bytef *dest, _Inout_ uLongf *destLen,
                _In_reads_(*sourceLen) const Bytef *source, _Inout_ uLong *sourceLen);

/* Files */
_Ret_opt_valid_ gzFile gzopen(_In_z_ const char *path, _In_z_ const char *mode);
_Ret_opt_valid_ gzFile gzopen64(_In_z_ const char *path, _In_z_ const char *mode);
_Success_(return != NULL) _Ret_opt_valid_ gzFile gzdopen(_Fc_fd_given_ int fd, _In_z_ const char *mode);
int gzbuffer(_Inout_ gzFile file, unsigned size);
int gzsetparams(_Inout_ gzFile file, int level, int strategy);
int gzread(_Inout_ gzFile file, _Out_writes_bytes_to_(len, return) voidp buf, unsigned len);
z_size_t gzfread(_Out_writes_bytes_(size * nitems) voidp buf, z_size_t size, z_size_t nitems, _Inout_ gzFile file);
int gzwrite(_Inout_ gzFile file, _In_reads_bytes_(len) voidpc buf, unsigned len);
z_size_t gzfwrite(_In_reads_bytes_(size * nitems) voidpc buf, z_size_t size, z_size_t nitems, _Inout_ gzFile file);
int gzprintf(_Inout_ gzFile file, _Printf_format_string_ const char *format, ...);
int gzvprintf(_Inout_ gzFile file, _Printf_format_string_ const char *format, va_list va);
int gzputs(_Inout_ gzFile file, _In_z_ const char *s);
_Fc_opaque_ char *gzgets(_Inout_ gzFile file, _Out_writes_z_(len) char *buf, int len);
int gzputc(_Inout_ gzFile file, int c);
int gzgetc(_Inout_ gzFile file);
int gzgetc_(_Inout_ gzFile file);
int gzungetc(int c, _Inout_ gzFile file);
int gzflush(_Inout_ gzFile file, int flush);
int gzrewind(_Inout_ gzFile file);
int gzeof(_Inout_ gzFile file);
int gzdirect(_Inout_ gzFile file);
off_t gzseek(_Inout_ gzFile file, off_t offset, int whence);
off_t gztell(_Inout_ gzFile file);
off_t gzoffset(_Inout_ gzFile file);
off64_t gzseek64(_Inout_ gzFile file, off64_t offset, int whence);
off64_t gztell64(_Inout_ gzFile file);
off64_t gzoffset64(_Inout_ gzFile file);
const char *gzerror(_Inout_ gzFile file, _Out_opt_ int *errnum);
void gzclearerr(_Inout_ gzFile file);
int gzclose(_Fc_opaque_ gzFile file);
int gzclose_r(_Fc_opaque_ gzFile file);
int gzclose_w(_Fc_opaque_ gzFile file);

/* Checksums */
uLong adler32(uLong adler, _In_reads_opt_(len) const Bytef *buf, uInt len);
uLong adler32_z(uLong adler, _In_reads_opt_(len) const Bytef *buf, z_size_t len);
uLong crc32(uLong crc, _In_reads_opt_(len) const Bytef *buf, uInt len);
uLong crc32_z(uLong crc, _In_reads_opt_(len) const Bytef *buf, z_size_t len);
_Ret_reads_(256) const z_crc_t *get_crc_table(void);
