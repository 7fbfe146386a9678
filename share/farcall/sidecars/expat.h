/* expat 2.5: what expat.h does not say of its pointers. Read after the header, preprocessed with -DXML_DTD, as the library
 * itself is compiled.
 *
 * - Handlers are given copies of names and text that live as long as they run, as natively. User data is opaque.
 * - A parser is a copy of what XML_GetUserData, a macro, looks into.
 * - The buffer of XML_GetBuffer is the library's own memory, which the caller fills in place.
 * - A content model stays until XML_FreeContentModel. (One that is let go by XML_MemFree is not found anew.)
 * - The library allocates its memory itself: the suite of XML_ParserCreate_MM stays with the caller, and is not called. */

struct XML_ParserStruct {
    _Fc_opaque_ void *m_userData;
};
struct XML_cp {
    _Field_z_ XML_Char *name;
    _Field_size_(numchildren) XML_Content *children;
};
/* XML_Encoding and XML_Feature */
struct encoding {
    int map[256];
    _Fc_opaque_ void *data;
    int (*convert)(_Fc_opaque_ void *data, _In_reads_(4) const char *s);
    void (*release)(_Fc_opaque_ void *data);
};
struct feature {
    enum XML_FeatureEnum feature;
    _Field_z_ const XML_LChar *name;
    long int value;
};

/* Handlers */
typedef void (*XML_ElementDeclHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *name,
                                       _Fc_pinned_ _In_ XML_Content *model);
typedef void (*XML_AttlistDeclHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *elname,
                                       _In_z_ const XML_Char *attname, _In_z_ const XML_Char *att_type,
                                       _In_opt_z_ const XML_Char *dflt, int isrequired);
typedef void (*XML_XmlDeclHandler)(_Fc_opaque_ void *userData, _In_opt_z_ const XML_Char *version,
                                   _In_opt_z_ const XML_Char *encoding, int standalone);
typedef void (*XML_StartElementHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *name,
                                        _In_ _NullNull_terminated_ _Deref_pre_z_ const XML_Char **atts);
typedef void (*XML_EndElementHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *name);
typedef void (*XML_CharacterDataHandler)(_Fc_opaque_ void *userData, _In_reads_(len) const XML_Char *s, int len);
typedef void (*XML_ProcessingInstructionHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *target,
                                                 _In_z_ const XML_Char *data);
typedef void (*XML_CommentHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *data);
typedef void (*XML_StartCdataSectionHandler)(_Fc_opaque_ void *userData);
typedef void (*XML_EndCdataSectionHandler)(_Fc_opaque_ void *userData);
typedef void (*XML_DefaultHandler)(_Fc_opaque_ void *userData, _In_reads_(len) const XML_Char *s, int len);
typedef void (*XML_StartDoctypeDeclHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *doctypeName,
                                            _In_opt_z_ const XML_Char *sysid, _In_opt_z_ const XML_Char *pubid,
                                            int has_internal_subset);
typedef void (*XML_EndDoctypeDeclHandler)(_Fc_opaque_ void *userData);
typedef void (*XML_EntityDeclHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *entityName,
                                      int is_parameter_entity, _In_reads_opt_(value_length) const XML_Char *value,
                                      int value_length, _In_opt_z_ const XML_Char *base,
                                      _In_opt_z_ const XML_Char *systemId, _In_opt_z_ const XML_Char *publicId,
                                      _In_opt_z_ const XML_Char *notationName);
typedef void (*XML_UnparsedEntityDeclHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *entityName,
                                              _In_opt_z_ const XML_Char *base, _In_z_ const XML_Char *systemId,
                                              _In_opt_z_ const XML_Char *publicId,
                                              _In_opt_z_ const XML_Char *notationName);
typedef void (*XML_NotationDeclHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *notationName,
                                        _In_opt_z_ const XML_Char *base, _In_opt_z_ const XML_Char *systemId,
                                        _In_opt_z_ const XML_Char *publicId);
typedef void (*XML_StartNamespaceDeclHandler)(_Fc_opaque_ void *userData, _In_opt_z_ const XML_Char *prefix,
                                              _In_opt_z_ const XML_Char *uri);
typedef void (*XML_EndNamespaceDeclHandler)(_Fc_opaque_ void *userData, _In_opt_z_ const XML_Char *prefix);
typedef int (*XML_NotStandaloneHandler)(_Fc_opaque_ void *userData);
typedef int (*XML_ExternalEntityRefHandler)(_Fc_opaque_ XML_Parser parser, _In_opt_z_ const XML_Char *context,
                                            _In_opt_z_ const XML_Char *base, _In_opt_z_ const XML_Char *systemId,
                                            _In_opt_z_ const XML_Char *publicId);
typedef void (*XML_SkippedEntityHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *entityName,
                                         int is_parameter_entity);
typedef int (*XML_UnknownEncodingHandler)(_Fc_opaque_ void *encodingHandlerData, _In_z_ const XML_Char *name,
                                          _Fc_as_(struct encoding) _Inout_ XML_Encoding *info);

/* Parsers */
_Fc_pinned_ _Ret_opt_valid_ XML_Parser XML_ParserCreate(_In_opt_z_ const XML_Char *encoding);
_Fc_pinned_ _Ret_opt_valid_ XML_Parser XML_ParserCreateNS(_In_opt_z_ const XML_Char *encoding,
                                                          XML_Char namespaceSeparator);
_Fc_pinned_ _Ret_opt_valid_ XML_Parser XML_ParserCreate_MM(_In_opt_z_ const XML_Char *encoding,
                                                           _Fc_local_ const XML_Memory_Handling_Suite *memsuite,
                                                           _In_opt_ const XML_Char *namespaceSeparator);
_Fc_pinned_ _Ret_opt_valid_ XML_Parser XML_ExternalEntityParserCreate(_Fc_opaque_ XML_Parser parser,
                                                                      _In_opt_z_ const XML_Char *context,
                                                                      _In_opt_z_ const XML_Char *encoding);
XML_Bool XML_ParserReset(_Fc_pinned_ _Inout_ XML_Parser parser, _In_opt_z_ const XML_Char *encoding);
_Fc_ends_ void XML_ParserFree(_Fc_pinned_ _In_opt_ XML_Parser parser);
void XML_SetUserData(_Fc_pinned_ _Inout_ XML_Parser parser, _Fc_opaque_ void *userData);
void XML_UseParserAsHandlerArg(_Fc_opaque_ XML_Parser parser);
void XML_SetExternalEntityRefHandlerArg(_Fc_opaque_ XML_Parser parser, _Fc_opaque_ void *arg);
enum XML_Status XML_SetEncoding(_Fc_opaque_ XML_Parser parser, _In_opt_z_ const XML_Char *encoding);
enum XML_Status XML_SetBase(_Fc_opaque_ XML_Parser parser, _In_opt_z_ const XML_Char *base);
_Ret_maybenull_z_ const XML_Char *XML_GetBase(_Fc_opaque_ XML_Parser parser);
enum XML_Error XML_UseForeignDTD(_Fc_opaque_ XML_Parser parser, XML_Bool useDTD);
int XML_SetParamEntityParsing(_Fc_opaque_ XML_Parser parser, enum XML_ParamEntityParsing parsing);
int XML_SetHashSalt(_Fc_opaque_ XML_Parser parser, _Fc_bits_ unsigned long hash_salt);
void XML_SetReturnNSTriplet(_Fc_opaque_ XML_Parser parser, int do_nst);
XML_Bool XML_SetBillionLaughsAttackProtectionMaximumAmplification(_Fc_opaque_ XML_Parser parser,
                                                                  float maximumAmplificationFactor);
XML_Bool XML_SetBillionLaughsAttackProtectionActivationThreshold(_Fc_opaque_ XML_Parser parser,
                                                                 unsigned long long activationThresholdBytes);
XML_Bool XML_SetReparseDeferralEnabled(_Fc_opaque_ XML_Parser parser, XML_Bool enabled);

/* Parsing */
enum XML_Status XML_Parse(_Fc_opaque_ XML_Parser parser, _In_reads_(len) const char *s, int len, int isFinal);
_Fc_opaque_ void *XML_GetBuffer(_Fc_opaque_ XML_Parser parser, int len);
enum XML_Status XML_ParseBuffer(_Fc_opaque_ XML_Parser parser, int len, int isFinal);
enum XML_Status XML_StopParser(_Fc_opaque_ XML_Parser parser, XML_Bool resumable);
enum XML_Status XML_ResumeParser(_Fc_opaque_ XML_Parser parser);
void XML_DefaultCurrent(_Fc_opaque_ XML_Parser parser);
void XML_GetParsingStatus(_Fc_opaque_ XML_Parser parser, _Out_ XML_ParsingStatus *status);
int XML_GetSpecifiedAttributeCount(_Fc_opaque_ XML_Parser parser);
int XML_GetIdAttributeIndex(_Fc_opaque_ XML_Parser parser);
enum XML_Error XML_GetErrorCode(_Fc_opaque_ XML_Parser parser);
XML_Size XML_GetCurrentLineNumber(_Fc_opaque_ XML_Parser parser);
XML_Size XML_GetCurrentColumnNumber(_Fc_opaque_ XML_Parser parser);
XML_Index XML_GetCurrentByteIndex(_Fc_opaque_ XML_Parser parser);
int XML_GetCurrentByteCount(_Fc_opaque_ XML_Parser parser);
_Fc_opaque_ const char *XML_GetInputContext(_Fc_opaque_ XML_Parser parser, _Out_ int *offset, _Out_ int *size);

/* Memory */
_Fc_ends_ void XML_FreeContentModel(_Fc_opaque_ XML_Parser parser, _Fc_pinned_ _In_opt_ XML_Content *model);
_Fc_opaque_ void *XML_MemMalloc(_Fc_opaque_ XML_Parser parser, size_t size);
_Fc_opaque_ void *XML_MemRealloc(_Fc_opaque_ XML_Parser parser, _Fc_opaque_ void *ptr, size_t size);
void XML_MemFree(_Fc_opaque_ XML_Parser parser, _Fc_opaque_ void *ptr);

/* What the library is */
const XML_LChar *XML_ErrorString(enum XML_Error code);
_Ret_z_ _Fc_as_(struct feature) const XML_Feature *XML_GetFeatureList(void);

/* Which handlers */
void XML_SetElementDeclHandler(_Fc_opaque_ XML_Parser parser, XML_ElementDeclHandler eldecl);
void XML_SetAttlistDeclHandler(_Fc_opaque_ XML_Parser parser, XML_AttlistDeclHandler attdecl);
void XML_SetXmlDeclHandler(_Fc_opaque_ XML_Parser parser, XML_XmlDeclHandler xmldecl);
void XML_SetEntityDeclHandler(_Fc_opaque_ XML_Parser parser, XML_EntityDeclHandler handler);
void XML_SetElementHandler(_Fc_opaque_ XML_Parser parser, XML_StartElementHandler start, XML_EndElementHandler end);
void XML_SetStartElementHandler(_Fc_opaque_ XML_Parser parser, XML_StartElementHandler handler);
void XML_SetEndElementHandler(_Fc_opaque_ XML_Parser parser, XML_EndElementHandler handler);
void XML_SetCharacterDataHandler(_Fc_opaque_ XML_Parser parser, XML_CharacterDataHandler handler);
void XML_SetProcessingInstructionHandler(_Fc_opaque_ XML_Parser parser, XML_ProcessingInstructionHandler handler);
void XML_SetCommentHandler(_Fc_opaque_ XML_Parser parser, XML_CommentHandler handler);
void XML_SetCdataSectionHandler(_Fc_opaque_ XML_Parser parser, XML_StartCdataSectionHandler start,
                                XML_EndCdataSectionHandler end);
void XML_SetStartCdataSectionHandler(_Fc_opaque_ XML_Parser parser, XML_StartCdataSectionHandler start);
void XML_SetEndCdataSectionHandler(_Fc_opaque_ XML_Parser parser, XML_EndCdataSectionHandler end);
void XML_SetDefaultHandler(_Fc_opaque_ XML_Parser parser, XML_DefaultHandler handler);
void XML_SetDefaultHandlerExpand(_Fc_opaque_ XML_Parser parser, XML_DefaultHandler handler);
void XML_SetDoctypeDeclHandler(_Fc_opaque_ XML_Parser parser, XML_StartDoctypeDeclHandler start,
                               XML_EndDoctypeDeclHandler end);
void XML_SetStartDoctypeDeclHandler(_Fc_opaque_ XML_Parser parser, XML_StartDoctypeDeclHandler start);
void XML_SetEndDoctypeDeclHandler(_Fc_opaque_ XML_Parser parser, XML_EndDoctypeDeclHandler end);
void XML_SetUnparsedEntityDeclHandler(_Fc_opaque_ XML_Parser parser, XML_UnparsedEntityDeclHandler handler);
void XML_SetNotationDeclHandler(_Fc_opaque_ XML_Parser parser, XML_NotationDeclHandler handler);
void XML_SetNamespaceDeclHandler(_Fc_opaque_ XML_Parser parser, XML_StartNamespaceDeclHandler start,
                                 XML_EndNamespaceDeclHandler end);
void XML_SetStartNamespaceDeclHandler(_Fc_opaque_ XML_Parser parser, XML_StartNamespaceDeclHandler start);
void XML_SetEndNamespaceDeclHandler(_Fc_opaque_ XML_Parser parser, XML_EndNamespaceDeclHandler end);
void XML_SetNotStandaloneHandler(_Fc_opaque_ XML_Parser parser, XML_NotStandaloneHandler handler);
void XML_SetExternalEntityRefHandler(_Fc_opaque_ XML_Parser parser, XML_ExternalEntityRefHandler handler);
void XML_SetSkippedEntityHandler(_Fc_opaque_ XML_Parser parser, XML_SkippedEntityHandler handler);
void XML_SetUnknownEncodingHandler(_Fc_opaque_ XML_Parser parser, XML_UnknownEncodingHandler handler,
                                   _Fc_opaque_ void *encodingHandlerData);
