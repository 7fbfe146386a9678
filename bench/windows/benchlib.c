/* bench: the Windows library that is called. */
__declspec(dllexport) int Add(int left, int right);

int Add(int left, int right) {
    return left + right;
}
