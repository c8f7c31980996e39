// What the smallest user of the installed library looks like.

#include <lastbyte/server.hpp>

int main() { return 0; }
