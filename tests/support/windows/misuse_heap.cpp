// Frees a block twice: the control of tools/test, whose row "windows/heap" shows nothing unless Wine complains of this.
#include <windows.h>

int main() {
  HANDLE heap = GetProcessHeap();
  void* block = HeapAlloc(heap, 0, 64);
  HeapFree(heap, 0, block);
  HeapFree(heap, 0, block);
}
