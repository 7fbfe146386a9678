/* The annotations, for compilers: they mean nothing to those. With FARCALL_ANNOTATIONS they stay in the text. */
#ifndef CONFORMANCE_SAL_H
#define CONFORMANCE_SAL_H

#ifndef FARCALL_ANNOTATIONS
#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(n)
#define _In_reads_or_z_(n)
#define _In_reads_opt_(n)
#define _In_reads_bytes_(n)
#define _In_reads_bytes_opt_(n)
#define _Out_
#define _Out_opt_
#define _Out_writes_(n)
#define _Out_writes_opt_(n)
#define _Out_writes_bytes_(n)
#define _Out_writes_bytes_opt_(n)
#define _Out_writes_z_(n)
#define _Out_writes_all_(n)
#define _Out_writes_bytes_all_(n)
#define _Out_writes_to_(n, valid)
#define _Out_writes_to_opt_(n, valid)
#define _Out_writes_bytes_to_(n, valid)
#define _Inout_
#define _Inout_opt_
#define _Inout_updates_(n)
#define _Inout_updates_opt_(n)
#define _Inout_updates_bytes_(n)
#define _Inout_updates_to_(n, valid)
#define _Inout_updates_z_(n)
#define _Inout_z_
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_result_z_
#define _Outptr_result_maybenull_z_
#define _Outptr_result_buffer_(n)
#define _Outptr_result_bytebuffer_(n)
#define _Ret_z_
#define _Ret_opt_z_
#define _Ret_reads_(n)
#define _Ret_maybenull_z_
#define _Ret_valid_
#define _Ret_opt_valid_
#define _Ret_writes_(n)
#define _Field_size_(n)
#define _Field_size_opt_(n)
#define _Field_size_full_(n)
#define _Field_size_full_opt_(n)
#define _Field_size_part_(n, valid)
#define _Field_size_part_opt_(n, valid)
#define _Field_size_bytes_(n)
#define _Field_z_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Deref_pre_z_
#define _At_(target, annotation)
#define _Printf_format_string_
#define _Fc_conversions_(...)
#define _Success_(condition)
#define _Fc_opaque_
#define _Fc_fd_
#define _Fc_fd_given_
#define _Fc_path_
#define _Fc_local_
#define _Fc_union_(condition)
#define _Fc_pinned_
#define _Fc_begins_
#define _Fc_ends_
#define _Fc_kept_until_(function)
#define _Fc_callback_until_(function)
#endif

#endif
