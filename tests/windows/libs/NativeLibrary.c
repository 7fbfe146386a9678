/* The library that a web role of another bitness needs. */
__declspec(dllexport) unsigned __stdcall Add(unsigned a, unsigned b) {
    return a + b;
}
