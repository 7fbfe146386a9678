/* SQLite 3: what sqlite3.h does not say of its pointers. Read after the preprocessed header:
 *     farcall call --header sqlite3.h --sidecar sqlite3.h -t i386-linux libsqlite3.so.0 sqlite3_libversion
 *
 * - Text is passed as strings: the length that follows it must be -1, or not beyond the text's end.
 * - SQLITE_STATIC becomes SQLITE_TRANSIENT: SQLite copies what it would otherwise go on reading after the call.
 * - Destructors are SQLITE_STATIC and SQLITE_TRANSIENT, and sqlite3_free where the memory is sqlite3_malloc's.
 * - User data is opaque. What sqlite3_malloc returns is the library's own memory, which the caller reads and writes in
 *   place.
 * Not here: virtual tables, file systems, UTF-16, sqlite3_get_table, serialisation. */

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
int sqlite3_file_control(sqlite3 *db, _In_opt_z_ const char *zDbName, int op, _Fc_opaque_ void *argument);
int sqlite3_table_column_metadata(sqlite3 *db, _In_opt_z_ const char *zDbName, _In_z_ const char *zTableName,
                                  _In_opt_z_ const char *zColumnName, _Outptr_opt_result_maybenull_z_ char const **pzDataType,
                                  _Outptr_opt_result_maybenull_z_ char const **pzCollSeq, _Out_opt_ int *pNotNull,
                                  _Out_opt_ int *pPrimaryKey, _Out_opt_ int *pAutoinc);

/* Memory */
_Fc_opaque_ void *sqlite3_malloc(int size);
_Fc_opaque_ void *sqlite3_malloc64(sqlite3_uint64 size);
_Fc_opaque_ void *sqlite3_realloc(_Fc_opaque_ void *memory, int size);
_Fc_opaque_ void *sqlite3_realloc64(_Fc_opaque_ void *memory, sqlite3_uint64 size);
void sqlite3_free(_Fc_opaque_ void *memory);
sqlite3_uint64 sqlite3_msize(_Fc_opaque_ void *memory);
void sqlite3_randomness(int N, _Out_writes_bytes_all_(N) void *P);
int sqlite3_status(int op, _Out_ int *pCurrent, _Out_ int *pHighwater, int resetFlag);
int sqlite3_status64(int op, _Out_ sqlite3_int64 *pCurrent, _Out_ sqlite3_int64 *pHighwater, int resetFlag);
int sqlite3_db_status(sqlite3 *db, int op, _Out_ int *pCur, _Out_ int *pHiwtr, int resetFlg);

/* Prepared statements */
int sqlite3_prepare(sqlite3 *db, _In_z_ const char *zSql, int nByte, _Outptr_ sqlite3_stmt **ppStmt,
                    _Outptr_opt_ const char **pzTail);
int sqlite3_prepare_v2(sqlite3 *db, _In_z_ const char *zSql, int nByte, _Outptr_ sqlite3_stmt **ppStmt,
                       _Outptr_opt_ const char **pzTail);
int sqlite3_prepare_v3(sqlite3 *db, _In_z_ const char *zSql, int nByte, unsigned int prepFlags,
                       _Outptr_ sqlite3_stmt **ppStmt, _Outptr_opt_ const char **pzTail);
_Ret_maybenull_z_ char *sqlite3_expanded_sql(sqlite3_stmt *pStmt);
int sqlite3_bind_blob(sqlite3_stmt *statement, int index, _In_reads_bytes_opt_(size) const void *value, int size,
                      _Fc_opaque_ _Fc_replace_(0, -1) void (*destroy)(void *));
int sqlite3_bind_blob64(sqlite3_stmt *statement, int index, _In_reads_bytes_opt_(size) const void *value,
                        sqlite3_uint64 size, _Fc_opaque_ _Fc_replace_(0, -1) void (*destroy)(void *));
int sqlite3_bind_text(sqlite3_stmt *statement, int index, _In_opt_z_ const char *value, int size,
                      _Fc_opaque_ _Fc_replace_(0, -1) void (*destroy)(void *));
int sqlite3_bind_text64(sqlite3_stmt *statement, int index, _In_opt_z_ const char *value, sqlite3_uint64 size,
                        _Fc_opaque_ _Fc_replace_(0, -1) void (*destroy)(void *), unsigned char encoding);
_Fc_opaque_ const void *sqlite3_column_blob(sqlite3_stmt *statement, int iCol);
_Ret_maybenull_z_ const unsigned char *sqlite3_column_text(sqlite3_stmt *statement, int iCol);

/* Functions of the caller */
int sqlite3_create_function(sqlite3 *db, _In_z_ const char *zFunctionName, int nArg, int eTextRep, _Fc_opaque_ void *pApp,
                            void (*xFunc)(sqlite3_context *context, int count,
                                          _In_reads_(count) sqlite3_value **values),
                            void (*xStep)(sqlite3_context *context, int count,
                                          _In_reads_(count) sqlite3_value **values),
                            void (*xFinal)(sqlite3_context *context));
int sqlite3_create_function_v2(sqlite3 *db, _In_z_ const char *zFunctionName, int nArg, int eTextRep,
                               _Fc_opaque_ void *pApp,
                               void (*xFunc)(sqlite3_context *context, int count,
                                             _In_reads_(count) sqlite3_value **values),
                               void (*xStep)(sqlite3_context *context, int count,
                                             _In_reads_(count) sqlite3_value **values),
                               void (*xFinal)(sqlite3_context *context), void (*xDestroy)(_Fc_opaque_ void *data));
int sqlite3_create_window_function(sqlite3 *db, _In_z_ const char *zFunctionName, int nArg, int eTextRep,
                                   _Fc_opaque_ void *pApp,
                                   void (*xStep)(sqlite3_context *context, int count,
                                                 _In_reads_(count) sqlite3_value **values),
                                   void (*xFinal)(sqlite3_context *context), void (*xValue)(sqlite3_context *context),
                                   void (*xInverse)(sqlite3_context *context, int count,
                                                    _In_reads_(count) sqlite3_value **values),
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
                             void (*needed)(_Fc_opaque_ void *data, sqlite3 *db, int eTextRep, _In_z_ const char *name));
int sqlite3_overload_function(sqlite3 *db, _In_z_ const char *zFuncName, int nArg);
_Ret_maybenull_z_ const unsigned char *sqlite3_value_text(sqlite3_value *value);
_Fc_opaque_ const void *sqlite3_value_blob(sqlite3_value *value);
_Fc_opaque_ void *sqlite3_value_pointer(sqlite3_value *value, _In_z_ const char *type);
_Fc_opaque_ void *sqlite3_aggregate_context(sqlite3_context *context, int nBytes);
_Fc_opaque_ void *sqlite3_user_data(sqlite3_context *context);
_Fc_opaque_ void *sqlite3_get_auxdata(sqlite3_context *context, int N);
void sqlite3_set_auxdata(sqlite3_context *context, int N, _Fc_opaque_ void *data,
                         void (*destroy)(_Fc_opaque_ void *data));
void sqlite3_result_blob(sqlite3_context *context, _In_reads_bytes_opt_(size) const void *value, int size,
                         _Fc_opaque_ _Fc_replace_(0, -1) void (*destroy)(void *));
void sqlite3_result_blob64(sqlite3_context *context, _In_reads_bytes_opt_(size) const void *value, sqlite3_uint64 size,
                           _Fc_opaque_ _Fc_replace_(0, -1) void (*destroy)(void *));
void sqlite3_result_error(sqlite3_context *context, _In_z_ const char *text, int size);
void sqlite3_result_text(sqlite3_context *context, _In_opt_z_ const char *text, int size,
                         _Fc_opaque_ _Fc_replace_(0, -1) void (*destroy)(void *));
void sqlite3_result_text64(sqlite3_context *context, _In_opt_z_ const char *text, sqlite3_uint64 size,
                           _Fc_opaque_ _Fc_replace_(0, -1) void (*destroy)(void *), unsigned char encoding);

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
int sqlite3_trace_v2(sqlite3 *db, unsigned uMask,
                     int (*xCallback)(unsigned kind, _Fc_opaque_ void *data, _Fc_opaque_ void *first,
                                      _Fc_opaque_ void *second),
                     _Fc_opaque_ void *pCtx);
void sqlite3_progress_handler(sqlite3 *db, int count, int (*handler)(_Fc_opaque_ void *data), _Fc_opaque_ void *data);
_Fc_opaque_ void *sqlite3_commit_hook(sqlite3 *db, int (*hook)(_Fc_opaque_ void *data), _Fc_opaque_ void *data);
_Fc_opaque_ void *sqlite3_rollback_hook(sqlite3 *db, void (*hook)(_Fc_opaque_ void *data), _Fc_opaque_ void *data);
_Fc_opaque_ void *sqlite3_update_hook(sqlite3 *db,
                                      void (*hook)(_Fc_opaque_ void *data, int action, _In_z_ char const *database,
                                                   _In_z_ char const *table, sqlite3_int64 row),
                                      _Fc_opaque_ void *data);
_Fc_opaque_ void *sqlite3_wal_hook(sqlite3 *db,
                                   int (*hook)(_Fc_opaque_ void *data, sqlite3 *db, _In_z_ const char *database,
                                               int pages),
                                   _Fc_opaque_ void *data);
int sqlite3_wal_checkpoint_v2(sqlite3 *db, _In_opt_z_ const char *zDb, int eMode, _Out_opt_ int *pnLog,
                              _Out_opt_ int *pnCkpt);

/* Blobs */
int sqlite3_blob_open(sqlite3 *db, _In_z_ const char *zDb, _In_z_ const char *zTable, _In_z_ const char *zColumn,
                      sqlite3_int64 iRow, int flags, _Outptr_result_maybenull_ sqlite3_blob **ppBlob);
int sqlite3_blob_read(sqlite3_blob *blob, _Out_writes_bytes_all_(N) void *Z, int N, int iOffset);
int sqlite3_blob_write(sqlite3_blob *blob, _In_reads_bytes_(n) const void *z, int n, int iOffset);

/* Text */
int sqlite3_strnicmp(_In_z_ const char *left, _In_z_ const char *right, int count);
int sqlite3_strlike(_In_z_ const char *zGlob, _In_z_ const char *zStr, unsigned int cEsc);
int sqlite3_keyword_check(_In_reads_(count) const char *word, int count);
void sqlite3_str_append(sqlite3_str *string, _In_reads_(N) const char *zIn, int N);
_Ret_maybenull_z_ char *sqlite3_str_finish(sqlite3_str *string);
_Ret_maybenull_z_ char *sqlite3_str_value(sqlite3_str *string);
