/* SQLite 3.40: what sqlite3.h does not say of its pointers. Read after the preprocessed header:
 *     farcall call --header sqlite3.h --sidecar sqlite3 -t i386-linux libsqlite3.so.0 sqlite3_libversion
 *
 * - SQLITE_STATIC becomes SQLITE_TRANSIENT: SQLite copies what it would otherwise go on reading after the call. With a
 *   destructor it keeps a copy until it calls that, with the caller's own pointer.
 * - User data is opaque. What sqlite3_malloc returns is the library's own memory, which the caller reads and writes in
 *   place; so are the results of column_text, value_blob, aggregate_context and serialize.
 * - Virtual tables and cursors are the caller's objects, of which the library has shadows. An idxStr must be sqlite3_malloc's
 *   (with needToFreeIdxStr) if anybody explains the statement.
 * - What sqlite3_bind_pointer passes is the caller's own, for its own functions: not fts5_api_ptr, which is written to. Nor
 *   can tokenizers of FTS3 be given as blobs that hold a pointer.
 * - sqlite3_vfs_find shows the names and sizes of the library's file systems, not their functions.
 * - sqlite3_file_control is for operations with a number, or a pointer that was NULL before.
 * - sqlite3_config takes no allocator, mutexes or page cache of the caller's own: such a call returns SQLITE_ERROR.
 * Not here: sessions and the preupdate hook, which sqlite3.h declares only where they are asked for. File systems of the
 * caller: sqlite3_vfs_register takes the library's own. */

/* Opening */
int sqlite3_open(_In_z_ const char *filename, _Outptr_ sqlite3 **ppDb);
int sqlite3_open_v2(_In_z_ const char *filename, _Outptr_ sqlite3 **ppDb, int flags, _In_opt_z_ const char *zVfs);
int sqlite3_exec(sqlite3 *db, _In_z_ const char *sql,
                 int (*callback)(_Fc_opaque_ void *data, int count, _In_reads_(count) _Deref_pre_z_ char **values,
                                 _In_reads_(count) _Deref_pre_z_ char **names),
                 _Fc_opaque_ void *data, _Outptr_opt_result_maybenull_z_ char **errmsg);
int sqlite3_busy_handler(sqlite3 *db, int (*handler)(_Fc_opaque_ void *data, int count), _Fc_opaque_ void *data);
int sqlite3_load_extension(sqlite3 *db, _In_z_ const char *zFile, _In_opt_z_ const char *zProc,
                           _Outptr_opt_result_maybenull_z_ char **pzErrMsg);
int sqlite3_table_column_metadata(sqlite3 *db, _In_opt_z_ const char *zDbName, _In_z_ const char *zTableName,
                                  _In_opt_z_ const char *zColumnName,
                                  _Outptr_opt_result_maybenull_z_ char const **pzDataType,
                                  _Outptr_opt_result_maybenull_z_ char const **pzCollSeq, _Out_opt_ int *pNotNull,
                                  _Out_opt_ int *pPrimaryKey, _Out_opt_ int *pAutoinc);

/* Memory */
_Fc_opaque_ void *sqlite3_malloc(int size);
_Fc_opaque_ void *sqlite3_malloc64(sqlite3_uint64 size);
_Fc_ends_ _Fc_opaque_ void *sqlite3_realloc(_Fc_opaque_ void *memory, int size);
_Fc_ends_ _Fc_opaque_ void *sqlite3_realloc64(_Fc_opaque_ void *memory, sqlite3_uint64 size);
_Fc_ends_ void sqlite3_free(_Fc_opaque_ void *memory);
sqlite3_uint64 sqlite3_msize(_Fc_opaque_ void *memory);
void sqlite3_randomness(int N, _Out_writes_bytes_all_(N) void *P);
int sqlite3_status(int op, _Out_ int *pCurrent, _Out_ int *pHighwater, int resetFlag);
int sqlite3_status64(int op, _Out_ sqlite3_int64 *pCurrent, _Out_ sqlite3_int64 *pHighwater, int resetFlag);
int sqlite3_db_status(sqlite3 *db, int op, _Out_ int *pCur, _Out_ int *pHiwtr, int resetFlg);

/* Prepared statements */
_Ret_maybenull_z_ char *sqlite3_expanded_sql(sqlite3_stmt *pStmt);
_Fc_opaque_ const void *sqlite3_column_blob(sqlite3_stmt *statement, int iCol);
_Ret_maybenull_z_ const unsigned char *sqlite3_column_text(sqlite3_stmt *statement, int iCol);

/* Functions of the caller */
int sqlite3_create_function(
    sqlite3 *db, _In_z_ const char *zFunctionName, int nArg, int eTextRep, _Fc_opaque_ void *pApp,
    void (*xFunc)(sqlite3_context *context, int count, _In_reads_(count) sqlite3_value **values),
    void (*xStep)(sqlite3_context *context, int count, _In_reads_(count) sqlite3_value **values),
    void (*xFinal)(sqlite3_context *context));
int sqlite3_create_function_v2(
    sqlite3 *db, _In_z_ const char *zFunctionName, int nArg, int eTextRep, _Fc_opaque_ void *pApp,
    void (*xFunc)(sqlite3_context *context, int count, _In_reads_(count) sqlite3_value **values),
    void (*xStep)(sqlite3_context *context, int count, _In_reads_(count) sqlite3_value **values),
    void (*xFinal)(sqlite3_context *context), void (*xDestroy)(_Fc_opaque_ void *data));
int sqlite3_create_window_function(
    sqlite3 *db, _In_z_ const char *zFunctionName, int nArg, int eTextRep, _Fc_opaque_ void *pApp,
    void (*xStep)(sqlite3_context *context, int count, _In_reads_(count) sqlite3_value **values),
    void (*xFinal)(sqlite3_context *context), void (*xValue)(sqlite3_context *context),
    void (*xInverse)(sqlite3_context *context, int count, _In_reads_(count) sqlite3_value **values),
    void (*xDestroy)(_Fc_opaque_ void *data));
int sqlite3_create_collation(sqlite3 *db, _In_z_ const char *zName, int eTextRep, _Fc_opaque_ void *pArg,
                             int (*xCompare)(_Fc_opaque_ void *data, int size, _In_reads_bytes_(size) const void *text,
                                             int size2, _In_reads_bytes_(size2) const void *text2));
int sqlite3_create_collation_v2(sqlite3 *db, _In_z_ const char *zName, int eTextRep, _Fc_opaque_ void *pArg,
                                int (*xCompare)(_Fc_opaque_ void *data, int size,
                                                _In_reads_bytes_(size) const void *text, int size2,
                                                _In_reads_bytes_(size2) const void *text2),
                                void (*xDestroy)(_Fc_opaque_ void *data));
int sqlite3_collation_needed(sqlite3 *db, _Fc_opaque_ void *data,
                             void (*needed)(_Fc_opaque_ void *data, sqlite3 *db, int eTextRep,
                                            _In_z_ const char *name));
int sqlite3_overload_function(sqlite3 *db, _In_z_ const char *zFuncName, int nArg);
_Ret_maybenull_z_ const unsigned char *sqlite3_value_text(sqlite3_value *value);
_Fc_opaque_ const void *sqlite3_value_blob(sqlite3_value *value);
_Fc_opaque_ void *sqlite3_value_pointer(sqlite3_value *value, _In_z_ const char *type);
_Fc_opaque_ void *sqlite3_aggregate_context(sqlite3_context *context, int nBytes);
_Fc_opaque_ void *sqlite3_user_data(sqlite3_context *context);
_Fc_opaque_ void *sqlite3_get_auxdata(sqlite3_context *context, int N);

/* Hooks */
int sqlite3_set_authorizer(sqlite3 *db,
                           int (*xAuth)(_Fc_opaque_ void *data, int action, _In_opt_z_ const char *first,
                                        _In_opt_z_ const char *second, _In_opt_z_ const char *database,
                                        _In_opt_z_ const char *trigger),
                           _Fc_opaque_ void *pUserData);
_Fc_opaque_ void *sqlite3_trace(sqlite3 *db, void (*xTrace)(_Fc_opaque_ void *data, _In_z_ const char *sql),
                                _Fc_opaque_ void *data);
_Fc_opaque_ void *sqlite3_profile(sqlite3 *db,
                                  void (*xProfile)(_Fc_opaque_ void *data, _In_z_ const char *sql, sqlite3_uint64 ns),
                                  _Fc_opaque_ void *data);
void sqlite3_progress_handler(sqlite3 *db, int count, int (*handler)(_Fc_opaque_ void *data), _Fc_opaque_ void *data);
_Fc_opaque_ void *sqlite3_commit_hook(sqlite3 *db, int (*hook)(_Fc_opaque_ void *data), _Fc_opaque_ void *data);
_Fc_opaque_ void *sqlite3_rollback_hook(sqlite3 *db, void (*hook)(_Fc_opaque_ void *data), _Fc_opaque_ void *data);
_Fc_opaque_ void *sqlite3_update_hook(sqlite3 *db,
                                      void (*hook)(_Fc_opaque_ void *data, int action, _In_z_ char const *database,
                                                   _In_z_ char const *table, sqlite3_int64 row),
                                      _Fc_opaque_ void *data);
_Fc_opaque_ void *
sqlite3_wal_hook(sqlite3 *db, int (*hook)(_Fc_opaque_ void *data, sqlite3 *db, _In_z_ const char *database, int pages),
                 _Fc_opaque_ void *data);
int sqlite3_wal_checkpoint_v2(sqlite3 *db, _In_opt_z_ const char *zDb, int eMode, _Out_opt_ int *pnLog,
                              _Out_opt_ int *pnCkpt);

/* Blobs */
int sqlite3_blob_open(sqlite3 *db, _In_z_ const char *zDb, _In_z_ const char *zTable, _In_z_ const char *zColumn,
                      sqlite3_int64 iRow, int flags, _Outptr_result_maybenull_ sqlite3_blob **ppBlob);
int sqlite3_blob_read(sqlite3_blob *blob, _Out_writes_bytes_all_(N) void *Z, int N, int iOffset);
int sqlite3_blob_write(sqlite3_blob *blob, _In_reads_bytes_(n) const void *z, int n, int iOffset);

/* Text */
int sqlite3_strlike(_In_z_ const char *zGlob, _In_z_ const char *zStr, unsigned int cEsc);
int sqlite3_keyword_check(_In_reads_(count) const char *word, int count);
void sqlite3_str_append(sqlite3_str *string, _In_reads_(N) const char *zIn, int N);
_Ret_maybenull_z_ char *sqlite3_str_finish(sqlite3_str *string);
_Ret_maybenull_z_ char *sqlite3_str_value(sqlite3_str *string);

/* Text and blobs that go in */
int sqlite3_prepare(sqlite3 *db, _In_reads_or_z_(nByte < 0 ? 0x7fffffff : nByte) const char *zSql, int nByte,
                    _Outptr_ sqlite3_stmt **ppStmt, _Outptr_opt_ const char **pzTail);
int sqlite3_prepare16(sqlite3 *db,
                      _Fc_as_(unsigned short) _In_reads_or_z_(nByte < 0 ? 0x3fffffff : nByte / 2) const void *zSql,
                      int nByte, _Outptr_ sqlite3_stmt **ppStmt, _Outptr_opt_ const void **pzTail);
int sqlite3_prepare_v2(sqlite3 *db, _In_reads_or_z_(nByte < 0 ? 0x7fffffff : nByte) const char *zSql, int nByte,
                       _Outptr_ sqlite3_stmt **ppStmt, _Outptr_opt_ const char **pzTail);
int sqlite3_prepare16_v2(sqlite3 *db,
                         _Fc_as_(unsigned short) _In_reads_or_z_(nByte < 0 ? 0x3fffffff : nByte / 2) const void *zSql,
                         int nByte, _Outptr_ sqlite3_stmt **ppStmt, _Outptr_opt_ const void **pzTail);
int sqlite3_prepare_v3(sqlite3 *db, _In_reads_or_z_(nByte < 0 ? 0x7fffffff : nByte) const char *zSql, int nByte,
                       unsigned int prepFlags, _Outptr_ sqlite3_stmt **ppStmt, _Outptr_opt_ const char **pzTail);
int sqlite3_prepare16_v3(sqlite3 *db,
                         _Fc_as_(unsigned short) _In_reads_or_z_(nByte < 0 ? 0x3fffffff : nByte / 2) const void *zSql,
                         int nByte, unsigned int prepFlags, _Outptr_ sqlite3_stmt **ppStmt,
                         _Outptr_opt_ const void **pzTail);
int sqlite3_bind_blob(sqlite3_stmt *statement, int index,
                      _In_reads_bytes_opt_(size) _Fc_kept_until_(destroy) const void *value, int size,
                      _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
int sqlite3_bind_blob64(sqlite3_stmt *statement, int index,
                        _In_reads_bytes_opt_(size) _Fc_kept_until_(destroy) const void *value, sqlite3_uint64 size,
                        _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
int sqlite3_bind_text(sqlite3_stmt *statement, int index,
                      _In_reads_opt_(size < 0 ? strlen(value) + 1 : size) _Fc_kept_until_(destroy) const char *value,
                      int size, _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
int sqlite3_bind_text64(sqlite3_stmt *statement, int index,
                        _In_reads_opt_(size) _Fc_kept_until_(destroy) const char *value, sqlite3_uint64 size,
                        _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory),
                        unsigned char encoding);
int sqlite3_bind_text16(sqlite3_stmt *statement, int index,
                        _Fc_as_(unsigned short) _In_reads_opt_(size < 0 ? strlen(value) + 1 : size / 2)
                            _Fc_kept_until_(destroy) const void *value,
                        int size, _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
void sqlite3_result_blob(sqlite3_context *context,
                         _In_reads_bytes_opt_(size) _Fc_kept_until_(destroy) const void *value, int size,
                         _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
void sqlite3_result_blob64(sqlite3_context *context,
                           _In_reads_bytes_opt_(size) _Fc_kept_until_(destroy) const void *value, sqlite3_uint64 size,
                           _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
void sqlite3_result_text(sqlite3_context *context,
                         _In_reads_opt_(size < 0 ? strlen(value) + 1 : size) _Fc_kept_until_(destroy) const char *value,
                         int size, _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
void sqlite3_result_text64(sqlite3_context *context, _In_reads_opt_(size) _Fc_kept_until_(destroy) const char *value,
                           sqlite3_uint64 size, _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory),
                           unsigned char encoding);
void sqlite3_result_text16(sqlite3_context *context,
                           _Fc_as_(unsigned short) _In_reads_opt_(size < 0 ? strlen(value) + 1 : size / 2)
                               _Fc_kept_until_(destroy) const void *value,
                           int size, _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
void sqlite3_result_text16le(sqlite3_context *context,
                             _Fc_as_(unsigned short) _In_reads_opt_(size < 0 ? strlen(value) + 1 : size / 2)
                                 _Fc_kept_until_(destroy) const void *value,
                             int size, _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
void sqlite3_result_text16be(sqlite3_context *context,
                             _Fc_as_(unsigned short) _In_reads_opt_(size < 0 ? strlen(value) + 1 : size / 2)
                                 _Fc_kept_until_(destroy) const void *value,
                             int size, _Fc_ends_ _Fc_replace_(0, -1) void (*destroy)(_Fc_opaque_ void *memory));
void sqlite3_result_error(sqlite3_context *context, _In_reads_(size < 0 ? strlen(text) + 1 : size) const char *text,
                          int size);
void sqlite3_result_error16(sqlite3_context *context,
                            _Fc_as_(unsigned short) _In_reads_(size < 0 ? strlen(text) + 1 : size / 2) const void *text,
                            int size);
int sqlite3_bind_pointer(sqlite3_stmt *statement, int index, _Fc_opaque_ void *pointer,
                         _Fc_kept_until_(sqlite3_finalize) _In_opt_z_ const char *type,
                         void (*destroy)(_Fc_opaque_ void *pointer));
void sqlite3_result_pointer(sqlite3_context *context, _Fc_opaque_ void *pointer,
                            _Fc_kept_until_(sqlite3_shutdown) _In_opt_z_ const char *type,
                            void (*destroy)(_Fc_opaque_ void *pointer));
void sqlite3_set_auxdata(sqlite3_context *context, int N, _Fc_opaque_ void *data,
                         void (*destroy)(_Fc_opaque_ void *data));
int sqlite3_strnicmp(_In_reads_or_z_(count) const char *left, _In_reads_or_z_(count) const char *right, int count);

/* What is shown as it happens: kind 1 comes with a text, 2 with a number */
int sqlite3_trace_v2(sqlite3 *db, unsigned uMask,
                     int (*xCallback)(unsigned kind, _Fc_opaque_ void *data, _Fc_opaque_ void *first,
                                      _In_reads_bytes_opt_(kind == 2 ? 8 : 1) void *second),
                     _Fc_opaque_ void *pCtx);
int sqlite3_unlock_notify(sqlite3 *pBlocked, void (*xNotify)(_In_reads_(nArg) _Fc_opaque_ void **apArg, int nArg),
                          _Fc_opaque_ void *pNotifyArg);
int sqlite3_memory_alarm(void (*alarm)(_Fc_opaque_ void *data, sqlite3_int64 used, int size), _Fc_opaque_ void *data,
                         sqlite3_int64 threshold);
int sqlite3_autovacuum_pages(sqlite3 *db,
                             unsigned int (*pages)(_Fc_opaque_ void *data, _In_z_ const char *schema, unsigned int size,
                                                   unsigned int unused, unsigned int page_size),
                             _Fc_opaque_ void *data, void (*destroy)(_Fc_opaque_ void *data));
int sqlite3_collation_needed16(sqlite3 *db, _Fc_opaque_ void *data,
                               void (*needed)(_Fc_opaque_ void *data, sqlite3 *db, int eTextRep,
                                              _Fc_as_(unsigned short) _In_z_ const void *name));

/* Files, names, and databases in memory */
int sqlite3_file_control(sqlite3 *db, _In_opt_z_ const char *zDbName, int op,
                         _Inout_updates_bytes_opt_(op == 5 || op == 18 || op == 36 ? 8
                                                   : op == 7 || op == 12 || op == 16 || op == 27 || op == 28
                                                       ? sizeof(void *)
                                                       : 4) void *argument);
_Fc_opaque_ sqlite3_filename sqlite3_create_filename(_In_z_ const char *zDatabase, _In_z_ const char *zJournal,
                                                     _In_z_ const char *zWal, int nParam,
                                                     _In_reads_(nParam * 2) _Deref_pre_z_ const char **azParam);
void sqlite3_free_filename(_Fc_opaque_ sqlite3_filename name);
int sqlite3_uri_boolean(_In_opt_z_ sqlite3_filename z, _In_z_ const char *zParam, int bDefault);
sqlite3_int64 sqlite3_uri_int64(_In_opt_z_ sqlite3_filename z, _In_z_ const char *zParam, sqlite3_int64 otherwise);
_Ret_maybenull_z_ const char *sqlite3_uri_key(_In_opt_z_ sqlite3_filename z, int N);
_Fc_opaque_ sqlite3_file *sqlite3_database_file_object(_In_z_ const char *name);
_Fc_opaque_ unsigned char *sqlite3_serialize(sqlite3 *db, _In_opt_z_ const char *zSchema,
                                             _Out_opt_ sqlite3_int64 *piSize, unsigned int mFlags);
int sqlite3_deserialize(sqlite3 *db, _In_opt_z_ const char *zSchema,
                        _Fc_kept_until_(sqlite3_close) _Inout_updates_bytes_opt_(szBuf) unsigned char *pData,
                        sqlite3_int64 szDb, sqlite3_int64 szBuf, unsigned mFlags);
struct sqlite3_vfs {
    _Field_size_(1) sqlite3_vfs *pNext;
    _Field_z_ const char *zName;
    _Fc_opaque_ void *pAppData;
    _Fc_local_ int (*xOpen)(sqlite3_vfs *, sqlite3_filename zName, sqlite3_file *, int flags, int *pOutFlags);
    _Fc_local_ int (*xDelete)(sqlite3_vfs *, const char *zName, int syncDir);
    _Fc_local_ int (*xAccess)(sqlite3_vfs *, const char *zName, int flags, int *pResOut);
    _Fc_local_ int (*xFullPathname)(sqlite3_vfs *, const char *zName, int nOut, char *zOut);
    _Fc_local_ void *(*xDlOpen)(sqlite3_vfs *, const char *zFilename);
    _Fc_local_ void (*xDlError)(sqlite3_vfs *, int nByte, char *zErrMsg);
    _Fc_local_ void (*(*xDlSym)(sqlite3_vfs *, void *, const char *zSymbol))(void);
    _Fc_local_ void (*xDlClose)(sqlite3_vfs *, void *);
    _Fc_local_ int (*xRandomness)(sqlite3_vfs *, int nByte, char *zOut);
    _Fc_local_ int (*xSleep)(sqlite3_vfs *, int microseconds);
    _Fc_local_ int (*xCurrentTime)(sqlite3_vfs *, double *);
    _Fc_local_ int (*xGetLastError)(sqlite3_vfs *, int, char *);
    _Fc_local_ int (*xCurrentTimeInt64)(sqlite3_vfs *, sqlite3_int64 *);
    _Fc_local_ int (*xSetSystemCall)(sqlite3_vfs *, const char *zName, sqlite3_syscall_ptr);
    _Fc_local_ sqlite3_syscall_ptr (*xGetSystemCall)(sqlite3_vfs *, const char *zName);
    _Fc_local_ const char *(*xNextSystemCall)(sqlite3_vfs *, const char *zName);
};
_Fc_pinned_ _Ret_opt_valid_ sqlite3_vfs *sqlite3_vfs_find(_In_opt_z_ const char *name);
_Fc_fails_with_(1) int sqlite3_vfs_register(_Fc_pinned_ _In_ sqlite3_vfs *vfs, int is_default);
int sqlite3_vfs_unregister(_Fc_pinned_ _In_ sqlite3_vfs *vfs);

/* Tables of results */
struct cell {
    _Field_z_ char *text;
};
int sqlite3_get_table(sqlite3 *db, _In_z_ const char *zSql,
                      _Fc_as_(struct cell *)
                          _Outptr_result_buffer_maybenull_((*pnRow + 1) * *pnColumn) char ***pazResult,
                      _Out_ int *pnRow, _Out_ int *pnColumn, _Outptr_opt_result_maybenull_z_ char **pzErrmsg);
void sqlite3_free_table(_Fc_opaque_ char **result);
int sqlite3_keyword_name(int index, _Outptr_result_buffer_(*size) const char **name, _Out_ int *size);

/* UTF-16 */
int sqlite3_open16(_Fc_as_(unsigned short) _In_z_ const void *filename, _Outptr_ sqlite3 **ppDb);
int sqlite3_complete16(_Fc_as_(unsigned short) _In_z_ const void *sql);
int sqlite3_create_function16(sqlite3 *db, _Fc_as_(unsigned short) _In_z_ const void *zFunctionName, int nArg,
                              int eTextRep, _Fc_opaque_ void *pApp,
                              void (*xFunc)(sqlite3_context *context, int count,
                                            _In_reads_(count) sqlite3_value **values),
                              void (*xStep)(sqlite3_context *context, int count,
                                            _In_reads_(count) sqlite3_value **values),
                              void (*xFinal)(sqlite3_context *context));
int sqlite3_create_collation16(sqlite3 *db, _Fc_as_(unsigned short) _In_z_ const void *zName, int eTextRep,
                               _Fc_opaque_ void *pArg,
                               int (*xCompare)(_Fc_opaque_ void *data, int size,
                                               _In_reads_bytes_(size) const void *text, int size2,
                                               _In_reads_bytes_(size2) const void *text2));
_Ret_maybenull_z_ _Fc_as_(unsigned short) const void *sqlite3_errmsg16(sqlite3 *db);
_Ret_maybenull_z_ _Fc_as_(unsigned short) const void *sqlite3_column_name16(sqlite3_stmt *statement, int column);
_Ret_maybenull_z_ _Fc_as_(unsigned short) const
    void *sqlite3_column_database_name16(sqlite3_stmt *statement, int column);
_Ret_maybenull_z_ _Fc_as_(unsigned short) const void *sqlite3_column_table_name16(sqlite3_stmt *statement, int column);
_Ret_maybenull_z_ _Fc_as_(unsigned short) const void *sqlite3_column_origin_name16(sqlite3_stmt *statement, int column);
_Ret_maybenull_z_ _Fc_as_(unsigned short) const void *sqlite3_column_decltype16(sqlite3_stmt *statement, int column);
_Fc_opaque_ const void *sqlite3_column_text16(sqlite3_stmt *statement, int column);
_Fc_opaque_ const void *sqlite3_value_text16(sqlite3_value *value);
_Fc_opaque_ const void *sqlite3_value_text16le(sqlite3_value *value);
_Fc_opaque_ const void *sqlite3_value_text16be(sqlite3_value *value);

/* Formats */
_Fc_opaque_ char *sqlite3_mprintf(_Printf_format_string_ _Fc_conversions_(qs, Qs, ws, zp) const char *format, ...);
_Fc_opaque_ char *sqlite3_vmprintf(_Printf_format_string_ _Fc_conversions_(qs, Qs, ws, zp) const char *format,
                                   va_list arguments);
_Fc_opaque_ char *sqlite3_snprintf(int size, _Out_writes_z_(size) char *text,
                                   _Printf_format_string_ _Fc_conversions_(qs, Qs, ws, zp) const char *format, ...);
_Fc_opaque_ char *sqlite3_vsnprintf(int size, _Out_writes_z_(size) char *text,
                                    _Printf_format_string_ _Fc_conversions_(qs, Qs, ws, zp) const char *format,
                                    va_list arguments);
void sqlite3_str_appendf(sqlite3_str *string,
                         _Printf_format_string_ _Fc_conversions_(qs, Qs, ws, zp) const char *format, ...);
void sqlite3_str_vappendf(sqlite3_str *string,
                          _Printf_format_string_ _Fc_conversions_(qs, Qs, ws, zp) const char *format,
                          va_list arguments);
void sqlite3_log(int iErrCode, _Printf_format_string_ _Fc_conversions_(qs, Qs, ws, zp) const char *format, ...);

/* Virtual tables: objects of the caller, larger than what is declared of them */
struct sqlite3_vtab {
    _Fc_local_ const sqlite3_module *pModule;
    _Fc_local_ int nRef;
    _Fc_opaque_ char *zErrMsg;
};
struct sqlite3_vtab_cursor {
    _Fc_opaque_ sqlite3_vtab *pVtab;
};
struct sqlite3_index_info {
    _Field_size_(nConstraint) struct sqlite3_index_constraint *aConstraint;
    _Field_size_(nOrderBy) struct sqlite3_index_orderby *aOrderBy;
    _Field_size_(nConstraint) struct sqlite3_index_constraint_usage *aConstraintUsage;
    _Fc_opaque_ char *idxStr;
};
struct sqlite3_module {
    int (*xCreate)(sqlite3 *db, _Fc_opaque_ void *pAux, int argc,
                   _In_reads_(argc) _Deref_pre_z_ const char *const *argv, _Outptr_ _Fc_pinned_ sqlite3_vtab **ppVTab,
                   _Outptr_result_maybenull_z_ char **pzErr);
    int (*xConnect)(sqlite3 *db, _Fc_opaque_ void *pAux, int argc,
                    _In_reads_(argc) _Deref_pre_z_ const char *const *argv, _Outptr_ _Fc_pinned_ sqlite3_vtab **ppVTab,
                    _Outptr_result_maybenull_z_ char **pzErr);
    int (*xBestIndex)(_Fc_pinned_ _Inout_ sqlite3_vtab *table, _Inout_ sqlite3_index_info *info);
    _Fc_ends_ _Success_(return == 0) int (*xDisconnect)(_Fc_pinned_ _Inout_ sqlite3_vtab *table);
    _Fc_ends_ _Success_(return == 0) int (*xDestroy)(_Fc_pinned_ _Inout_ sqlite3_vtab *table);
    int (*xOpen)(_Fc_pinned_ _Inout_ sqlite3_vtab *table, _Outptr_ _Fc_pinned_ sqlite3_vtab_cursor **ppCursor);
    _Fc_ends_ int (*xClose)(_Fc_pinned_ _Inout_ sqlite3_vtab_cursor *cursor);
    int (*xFilter)(_Fc_pinned_ _Inout_ sqlite3_vtab_cursor *cursor, int idxNum, _Fc_opaque_ const char *idxStr,
                   int argc, _In_reads_(argc) sqlite3_value **argv);
    int (*xNext)(_Fc_pinned_ _Inout_ sqlite3_vtab_cursor *cursor);
    int (*xEof)(_Fc_pinned_ _Inout_ sqlite3_vtab_cursor *cursor);
    int (*xColumn)(_Fc_pinned_ _Inout_ sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column);
    int (*xRowid)(_Fc_pinned_ _Inout_ sqlite3_vtab_cursor *cursor, _Out_ sqlite3_int64 *pRowid);
    int (*xUpdate)(_Fc_pinned_ _Inout_ sqlite3_vtab *table, int argc, _In_reads_(argc) sqlite3_value **argv,
                   _Inout_ sqlite3_int64 *pRowid);
    int (*xBegin)(_Fc_pinned_ _Inout_ sqlite3_vtab *table);
    int (*xSync)(_Fc_pinned_ _Inout_ sqlite3_vtab *table);
    int (*xCommit)(_Fc_pinned_ _Inout_ sqlite3_vtab *table);
    int (*xRollback)(_Fc_pinned_ _Inout_ sqlite3_vtab *table);
    int (*xFindFunction)(_Fc_pinned_ _Inout_ sqlite3_vtab *table, int nArg, _In_z_ const char *zName,
                         _Out_ void (**pxFunc)(sqlite3_context *context, int count,
                                               _In_reads_(count) sqlite3_value **values),
                         _Out_ _Fc_opaque_ void **ppArg);
    int (*xRename)(_Fc_pinned_ _Inout_ sqlite3_vtab *table, _In_z_ const char *zNew);
    int (*xSavepoint)(_Fc_pinned_ _Inout_ sqlite3_vtab *table, int savepoint);
    int (*xRelease)(_Fc_pinned_ _Inout_ sqlite3_vtab *table, int savepoint);
    int (*xRollbackTo)(_Fc_pinned_ _Inout_ sqlite3_vtab *table, int savepoint);
    int (*xShadowName)(_In_z_ const char *name);
};
int sqlite3_create_module(sqlite3 *db, _In_z_ const char *zName,
                          _Fc_kept_until_(sqlite3_shutdown) _In_opt_ const sqlite3_module *p,
                          _Fc_opaque_ void *pClientData);
int sqlite3_create_module_v2(sqlite3 *db, _In_z_ const char *zName,
                             _Fc_kept_until_(sqlite3_shutdown) _In_opt_ const sqlite3_module *p,
                             _Fc_opaque_ void *pClientData, void (*xDestroy)(_Fc_opaque_ void *data));
int sqlite3_drop_modules(sqlite3 *db, _In_opt_ _NullNull_terminated_ _Deref_pre_z_ const char **azKeep);
_Ret_maybenull_z_ const char *sqlite3_vtab_collation(_Fc_opaque_ sqlite3_index_info *info, int constraint);
int sqlite3_vtab_distinct(_Fc_opaque_ sqlite3_index_info *info);
int sqlite3_vtab_in(_Fc_opaque_ sqlite3_index_info *info, int iCons, int bHandle);
int sqlite3_vtab_in_first(sqlite3_value *pVal, _Outptr_result_maybenull_ sqlite3_value **ppOut);
int sqlite3_vtab_in_next(sqlite3_value *pVal, _Outptr_result_maybenull_ sqlite3_value **ppOut);
int sqlite3_vtab_rhs_value(_Fc_opaque_ sqlite3_index_info *info, int constraint,
                           _Outptr_result_maybenull_ sqlite3_value **ppVal);

/* R-trees */
struct sqlite3_rtree_geometry {
    _Fc_opaque_ void *pContext;
    _Field_size_(nParam) sqlite3_rtree_dbl *aParam;
    _Fc_opaque_ void *pUser;
    void (*xDelUser)(_Fc_opaque_ void *user);
};
struct sqlite3_rtree_query_info {
    _Fc_opaque_ void *pContext;
    _Field_size_(nParam) sqlite3_rtree_dbl *aParam;
    _Fc_opaque_ void *pUser;
    void (*xDelUser)(_Fc_opaque_ void *user);
    _Field_size_(nCoord) sqlite3_rtree_dbl *aCoord;
    _Fc_opaque_ unsigned int *anQueue;
    _Field_size_(nParam) sqlite3_value **apSqlParam;
};
int sqlite3_rtree_geometry_callback(sqlite3 *db, _In_z_ const char *zGeom,
                                    int (*xGeom)(_Inout_ sqlite3_rtree_geometry *geometry, int count,
                                                 _In_reads_(count) sqlite3_rtree_dbl *coordinates,
                                                 _Out_ int *is_inside),
                                    _Fc_opaque_ void *pContext);
int sqlite3_rtree_query_callback(sqlite3 *db, _In_z_ const char *zQueryFunc,
                                 int (*xQueryFunc)(_Inout_ sqlite3_rtree_query_info *info), _Fc_opaque_ void *pContext,
                                 void (*xDestructor)(_Fc_opaque_ void *data));

/* Configuration: the number says what follows. The last row whose condition holds is the one. */
_Fc_when_(op >= 1 && op <= 3) _Fc_fails_with_(1) int sqlite3_config(int op); /* threading modes */
_Fc_when_(op == 7 || op == 8) _Fc_fails_with_(1) /* PAGECACHE: size of one, count; HEAP: size of all, least size */
    int sqlite3_config(int op, ...,
                       _Fc_kept_until_(sqlite3_shutdown)
                           _Inout_updates_bytes_opt_(op == 7 ? size * count : size) void *memory,
                       int size, int count);
_Fc_when_(op == 9 || op == 17 || op == 20 || (op >= 25 && op <= 28)) _Fc_fails_with_(1)
    int sqlite3_config(int op, ..., int value);
_Fc_when_(op == 13) _Fc_fails_with_(1) int sqlite3_config(int op, ..., int size, int count); /* LOOKASIDE */
_Fc_when_(op == 16) _Fc_fails_with_(1) /* LOG */
    int sqlite3_config(int op, ...,
                       void (*xLog)(_Fc_opaque_ void *data, int code, _In_z_ const char *message),
                       _Fc_opaque_ void *data);
_Fc_when_(op == 22) _Fc_fails_with_(1) /* MMAP_SIZE */
    int sqlite3_config(int op, ..., sqlite3_int64 size, sqlite3_int64 most);
_Fc_when_(op == 24) _Fc_fails_with_(1) int sqlite3_config(int op, ..., _Out_ int *size); /* PCACHE_HDRSZ */
_Fc_when_(op == 29) _Fc_fails_with_(1) int sqlite3_config(int op, ..., sqlite3_int64 size); /* MEMDB_MAXSIZE */

_Fc_when_(op == 1000) _Fc_fails_with_(1) /* MAINDBNAME */
    int sqlite3_db_config(sqlite3 *db, int op, ..., _Fc_kept_until_(sqlite3_close) _In_z_ const char *name);
_Fc_when_(op == 1001) _Fc_fails_with_(1) /* LOOKASIDE */
    int sqlite3_db_config(sqlite3 *db, int op, ...,
                          _Fc_kept_until_(sqlite3_close) _Inout_updates_bytes_opt_(size * count) void *memory,
                          int size, int count);
_Fc_when_(op >= 1002) _Fc_fails_with_(1) /* all others are switches */
    int sqlite3_db_config(sqlite3 *db, int op, ..., int on, _Out_opt_ int *is_on);

_Fc_when_(op == 1) _Fc_fails_with_(1) int sqlite3_vtab_config(sqlite3 *db, int op, ..., int on);
_Fc_when_(op != 1) _Fc_fails_with_(1) int sqlite3_vtab_config(sqlite3 *db, int op);

_Fc_when_(op == 5 || op == 6 || op == 7 || op == 22 || op == 23) _Fc_fails_with_(1) int sqlite3_test_control(int op);
_Fc_when_(op == 9) _Fc_fails_with_(1) int sqlite3_test_control(int op, ..., int (*fault)(int id));
_Fc_when_(op == 11 || op == 12 || op == 13 || op == 18 || op == 19 || op == 20 || op == 29) _Fc_fails_with_(1)
    int sqlite3_test_control(int op, ..., int value);
_Fc_when_(op == 15 || op == 24) _Fc_fails_with_(1) int sqlite3_test_control(int op, ..., sqlite3 *db, int value);
_Fc_when_(op == 17) _Fc_fails_with_(1) int sqlite3_test_control(int op, ..., sqlite3 *db);
_Fc_when_(op == 25) _Fc_fails_with_(1) /* IMPOSTER */
    int sqlite3_test_control(int op, ..., sqlite3 *db, _In_z_ const char *schema, int on, int page);
_Fc_when_(op == 28) _Fc_fails_with_(1) int sqlite3_test_control(int op, ..., int seed, sqlite3 *db); /* PRNG_SEED */
_Fc_when_(op == 30) _Fc_fails_with_(1) /* SEEK_COUNT */
    int sqlite3_test_control(int op, ..., sqlite3 *db, _Out_ sqlite3_uint64 *count);
