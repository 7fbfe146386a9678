/* libpng: what png.h does not say of its pointers. Read after the preprocessed header.
 *
 * - Rows have no length that a prototype could name: they are opaque, and lie in memory that both sides see, such as that
 *   of png_malloc or fc_alloc.
 * - Functions that read and write are the caller's; one that reports an error leaves by longjmp from a jmp_buf of the
 *   caller's own, since png_jmpbuf looks into the library's.
 * Not here: whole images, transformations by the caller, allocators of the caller, most of the ancillary chunks. */

/* Functions of the caller */
typedef void (*png_error_ptr)(png_structp png, _In_z_ png_const_charp text);
typedef void (*png_rw_ptr)(png_structp png, _Inout_updates_bytes_(size) png_bytep data, size_t size);

/* Life */
png_structp png_create_read_struct(_In_z_ png_const_charp user_png_ver, _Fc_opaque_ png_voidp error_ptr,
                                   png_error_ptr error_fn, png_error_ptr warn_fn);
png_structp png_create_write_struct(_In_z_ png_const_charp user_png_ver, _Fc_opaque_ png_voidp error_ptr,
                                    png_error_ptr error_fn, png_error_ptr warn_fn);
void png_destroy_read_struct(_Inout_opt_ _Fc_opaque_ png_structpp png_ptr_ptr,
                             _Inout_opt_ _Fc_opaque_ png_infopp info_ptr_ptr,
                             _Inout_opt_ _Fc_opaque_ png_infopp end_info_ptr_ptr);
void png_destroy_write_struct(_Inout_opt_ _Fc_opaque_ png_structpp png_ptr_ptr,
                              _Inout_opt_ _Fc_opaque_ png_infopp info_ptr_ptr);
void png_set_error_fn(png_structrp png_ptr, _Fc_opaque_ png_voidp error_ptr, png_error_ptr error_fn,
                      png_error_ptr warning_fn);
_Fc_opaque_ png_voidp png_get_error_ptr(png_const_structrp png_ptr);
void png_set_read_fn(png_structrp png_ptr, _Fc_opaque_ png_voidp io_ptr, png_rw_ptr read_data_fn);
void png_set_write_fn(png_structrp png_ptr, _Fc_opaque_ png_voidp io_ptr, png_rw_ptr write_data_fn,
                      png_flush_ptr output_flush_fn);
_Fc_opaque_ png_voidp png_get_io_ptr(png_const_structrp png_ptr);

/* Memory */
_Fc_opaque_ png_voidp png_malloc(png_const_structrp png_ptr, png_alloc_size_t size);
_Fc_opaque_ png_voidp png_calloc(png_const_structrp png_ptr, png_alloc_size_t size);
void png_free(png_const_structrp png_ptr, _Fc_opaque_ png_voidp ptr);

/* What an image is */
int png_sig_cmp(_In_reads_(start + num_to_check) png_const_bytep sig, size_t start, size_t num_to_check);
png_uint_32 png_get_IHDR(png_const_structrp png_ptr, png_const_inforp info_ptr, _Out_opt_ png_uint_32 *width,
                         _Out_opt_ png_uint_32 *height, _Out_opt_ int *bit_depth, _Out_opt_ int *color_type,
                         _Out_opt_ int *interlace_method, _Out_opt_ int *compression_method,
                         _Out_opt_ int *filter_method);
void png_set_PLTE(png_structrp png_ptr, png_inforp info_ptr, _In_reads_(num_palette) png_const_colorp palette,
                  int num_palette);
png_uint_32 png_get_gAMA(png_const_structrp png_ptr, png_const_inforp info_ptr, _Out_ double *file_gamma);

/* Rows */
void png_read_row(png_structrp png_ptr, _Fc_opaque_ png_bytep row, _Fc_opaque_ png_bytep display_row);
void png_write_row(png_structrp png_ptr, _Fc_opaque_ png_const_bytep row);
