/* The functions that a compiler calls on its own account even in a program without a library. */
#include <stddef.h>

/* Without this the compiler would see what the loops do, and replace each by a call to itself. */
#define NOT_A_CALL __attribute__((optimize("no-tree-loop-distribute-patterns")))

void *memcpy(void *to, const void *from, size_t length);
void *memset(void *at, int value, size_t length);

NOT_A_CALL void *memcpy(void *to, const void *from, size_t length) {
    unsigned char *target = to;
    const unsigned char *source = from;
    for (size_t i = 0; i < length; i++)
        target[i] = source[i];
    return to;
}

NOT_A_CALL void *memset(void *at, int value, size_t length) {
    unsigned char *target = at;
    for (size_t i = 0; i < length; i++)
        target[i] = (unsigned char)value;
    return at;
}
