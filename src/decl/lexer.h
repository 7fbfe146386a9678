/* decl: C text to tokens.
 * Runs in: the caller.  Threads: a lexer belongs to one thread.
 * Does not: preprocess (line markers and #pragma pack are honoured, other pragmas skipped, any other directive is
 * refused), or know types.
 *
 * Names are interned: one struct fc__name for each different identifier of a text, so that names are compared by
 * address, and what a name currently stands for is found without a search. Grammar: C11 6.4, without trigraphs,
 * which are the preprocessor's. */
#ifndef FC_DECL_LEXER_H
#define FC_DECL_LEXER_H

#include "decl/decl.h"

/* Where something stands in the text, and what messages call that place. */
struct fc__place {
    uint32_t offset;       /* bytes from the start of the text */
    uint32_t line, column; /* 1-based; columns count characters, a tab is one */
    const char *file;
};

/* What an identifier means to the grammar before anything is declared. */
enum fc__word_kind {
    FC__WORD_NONE,
    /* storage classes and function specifiers */
    FC__WORD_TYPEDEF,
    FC__WORD_EXTERN,
    FC__WORD_STATIC,
    FC__WORD_AUTO,
    FC__WORD_REGISTER,
    FC__WORD_THREAD,
    FC__WORD_INLINE,
    FC__WORD_NORETURN,
    /* qualifiers */
    FC__WORD_CONST,
    FC__WORD_VOLATILE,
    FC__WORD_RESTRICT,
    /* type specifiers */
    FC__WORD_VOID,
    FC__WORD_CHAR,
    FC__WORD_SHORT,
    FC__WORD_INT,
    FC__WORD_LONG,
    FC__WORD_SIGNED,
    FC__WORD_UNSIGNED,
    FC__WORD_FLOAT,
    FC__WORD_DOUBLE,
    FC__WORD_BOOL,
    FC__WORD_STRUCT,
    FC__WORD_UNION,
    FC__WORD_ENUM,
    FC__WORD_COMPLEX,
    FC__WORD_INT128,
    FC__WORD_INT64, /* long long by another name */
    FC__WORD_FLOAT16,
    FC__WORD_FP16,
    FC__WORD_BFLOAT16,
    FC__WORD_FLOAT64X, /* long double by another name */
    FC__WORD_FLOAT128,
    FC__WORD_DECIMAL32,
    FC__WORD_DECIMAL64,
    FC__WORD_DECIMAL128,
    FC__WORD_TYPEOF,
    FC__WORD_ATOMIC, /* a qualifier, or with parentheses a specifier */
    FC__WORD_AUTO_TYPE,
    FC__WORD_REFUSED, /* a type specifier that is not understood: _Imaginary */
    /* names that are typedefs unless the text says otherwise: not keywords */
    FC__WORD_TYPE,         /* `scalar` */
    FC__WORD_TYPE_REFUSED, /* time_t, off_t, ... */
    /* the rest */
    FC__WORD_EXTENSION,
    FC__WORD_ATTRIBUTE,
    FC__WORD_DECLSPEC,
    FC__WORD_CONVENTION,       /* __cdecl: what is used anyway */
    FC__WORD_CONVENTION_OTHER, /* __stdcall */
    FC__WORD_ALIGNAS,
    FC__WORD_ASM,
    FC__WORD_STATIC_ASSERT,
    FC__WORD_SIZEOF,
    FC__WORD_ALIGNOF,           /* _Alignof: in a struct */
    FC__WORD_PREFERRED_ALIGNOF, /* __alignof__: of a variable */
    FC__WORD_OFFSETOF,
    FC__WORD_GENERIC,          /* _Generic */
    FC__WORD_TYPES_COMPATIBLE, /* __builtin_types_compatible_p */
    FC__WORD_STATEMENT,        /* return, if, ...: keywords that no declaration has */
};

struct fc__word {
    const char *text;
    enum fc__word_kind kind;
    enum fc__scalar scalar; /* FC__WORD_TYPE */
};

/* A name that windows.h gives a type, windows_names.c. */
struct fc__windows_name {
    const char *name;
    const char *text; /* the type; of a macro for a calling convention, the keyword */
    bool is_opaque;   /* only one side looks through the pointer */
};

struct fc__symbol;
struct fc__tag;
struct fc__annotation_word;

struct fc__name {
    const char *text; /* not terminated */
    uint32_t len;
    uint32_t hash;
    struct fc__name *chain;
    const struct fc__word *word;                  /* NULL: an ordinary identifier */
    const struct fc__windows_name *windows;       /* NULL unless it is one, and the text is for Windows */
    const struct fc__annotation_word *annotation; /* NULL unless it is a known one */
    bool is_annotation;                           /* has the form of one: _[A-Z]..._ */
    const char *kept;                             /* a terminated copy in the unit, NULL until one was needed */
    struct fc__symbol *symbol;                    /* what it stands for in the current scope, NULL if nothing */
    struct fc__tag *tag;                          /* the struct, union or enum of this name, NULL if none */
};

/* A punctuator of one character is that character. */
enum fc__token_kind {
    FC__TOKEN_END = 0,
    FC__TOKEN_NAME = 256, /* name: keywords too */
    FC__TOKEN_INTEGER,    /* value: character constants too */
    FC__TOKEN_FLOATING,
    FC__TOKEN_STRING, /* value: its bytes, without the 0 that ends it */
    FC__TOKEN_ELLIPSIS,
    FC__TOKEN_SHIFT_LEFT,
    FC__TOKEN_SHIFT_RIGHT,
    FC__TOKEN_LESS_EQUAL,
    FC__TOKEN_GREATER_EQUAL,
    FC__TOKEN_EQUAL,
    FC__TOKEN_NOT_EQUAL,
    FC__TOKEN_AND,
    FC__TOKEN_OR,
    FC__TOKEN_ARROW,
};

struct fc__token {
    int kind;
    struct fc__place place;
    uint32_t end; /* offset of the first byte behind it */
    struct fc__name *name;
    uint64_t value;
    bool is_unsigned, is_wide;            /* INTEGER: of unsigned type; of more than 32 bits */
    unsigned longs;                       /* INTEGER: how often its suffix says long */
    char prefix;                          /* STRING: L, u or U before it; else 0 */
    uint32_t characters, long_characters; /* STRING: how many it has; those of them that take two units of 16 bits */
    uint8_t pack_bytes;                   /* the #pragma pack in force where it stands, 0 if none */
};

/* What #pragma pack(push) saved. */
struct fc__pack {
    uint8_t bytes;
    const struct fc__name *name; /* NULL if it was given none */
};

struct fc__lexer {
    const char *text;
    uint32_t len, at;
    uint32_t line;
    const char *file;
    uint32_t counted_at, column; /* columns are counted up to this offset */
    bool is_line_start;          /* only blanks and comments stand before `at` on its line */
    bool is_long_narrow;         /* the target's long has 32 bits */
    bool is_windows;             /* names of windows.h are known */
    uint8_t pack_bytes;
    unsigned pack_count;
    struct fc__pack packs[FC__DECL_PACKS_MAX];
    const char *source_name;
    struct fc__error *err;
    struct fc__arena *scratch; /* names */
    struct fc__arena *kept;    /* file names of line markers */
    struct fc__name **names;   /* hash table, a power of two */
    uint32_t name_slots, name_count;
};

/* The text must outlive the lexer; len is at most FC__DECL_SOURCE_MAX. False when out of memory, in `err`. */
bool fc__decl_lexer_init(struct fc__lexer *lexer, const char *text, size_t len, const char *source_name,
                         struct fc__arena *scratch, struct fc__arena *kept, struct fc__error *err);

/* The one name of that text, which must outlive the lexer; NULL when out of memory, in `err`. */
struct fc__name *fc__decl_intern(struct fc__lexer *lexer, const char *text, uint32_t len);

/* Reads one token. False on an error, which is then in the lexer's `err`. At the end of the text FC__TOKEN_END, placed
 * right behind the last token, as often as asked. */
bool fc__decl_lex(struct fc__lexer *lexer, struct fc__token *ret_token);

/* Errors at a place, in the format that fc__decl_parse documents. Always false, so that a reader can return it. */
bool fc__decl_fail(struct fc__lexer *lexer, int code, const struct fc__place *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool fc__decl_fail_memory(struct fc__lexer *lexer);

/* The size of the UTF-8 character that `text` begins with, 0 if it begins with none. `len` is not 0. */
size_t fc__decl_utf8_len(const char *text, size_t len, uint32_t *ret_code_point);

/* Makes it a name of windows.h, if it is one. */
void fc__decl_windows_name(struct fc__name *name);

/* NULL if `text` is no word of the grammar. */
const struct fc__word *fc__decl_word(const char *text, size_t len);
/* Row by row, NULL at the end; for suggestions. */
const struct fc__word *fc__decl_word_at(size_t index);

#endif
