/* expat: what expat.h does not say of its pointers. Read after the preprocessed header.
 *
 * - Handlers are given copies of names and text that live as long as they run, as natively.
 * - The buffer of XML_GetBuffer is the library's own memory, which the caller fills in place.
 * - User data and content models are opaque; the latter are for XML_FreeContentModel.
 * Not here: allocators of the caller, handlers of unknown encodings. */

/* Handlers */
typedef void (*XML_ElementDeclHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *name,
                                       _Fc_opaque_ XML_Content *model);
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
typedef int (*XML_ExternalEntityRefHandler)(XML_Parser parser, _In_opt_z_ const XML_Char *context,
                                            _In_opt_z_ const XML_Char *base, _In_opt_z_ const XML_Char *systemId,
                                            _In_opt_z_ const XML_Char *publicId);
typedef void (*XML_SkippedEntityHandler)(_Fc_opaque_ void *userData, _In_z_ const XML_Char *entityName,
                                         int is_parameter_entity);

/* Parsers */
XML_Parser XML_ParserCreateNS(_In_opt_z_ const XML_Char *encoding, XML_Char namespaceSeparator);
void XML_SetExternalEntityRefHandlerArg(XML_Parser parser, _Fc_opaque_ void *arg);
void XML_SetUserData(XML_Parser parser, _Fc_opaque_ void *userData);
enum XML_Status XML_Parse(XML_Parser parser, _In_reads_(len) const char *s, int len, int isFinal);
_Fc_opaque_ void *XML_GetBuffer(XML_Parser parser, int len);
void XML_GetParsingStatus(XML_Parser parser, _Out_ XML_ParsingStatus *status);
_Fc_opaque_ const char *XML_GetInputContext(XML_Parser parser, _Out_ int *offset, _Out_ int *size);
void XML_FreeContentModel(XML_Parser parser, _Fc_opaque_ XML_Content *model);
_Fc_opaque_ void *XML_MemMalloc(XML_Parser parser, size_t size);
_Fc_opaque_ void *XML_MemRealloc(XML_Parser parser, _Fc_opaque_ void *ptr, size_t size);
void XML_MemFree(XML_Parser parser, _Fc_opaque_ void *ptr);
