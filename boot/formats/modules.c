#include "modules.h"

/* No ".." as a whole part of the path. */
static bool stays_below(struct span path) {
    for (size_t first = 0; first <= path.length;) {
        size_t end = first;
        while (end < path.length && path.at[end] != '/')
            end++;
        if (span_equals((struct span){path.at + first, end - first}, ".."))
            return false;
        first = end + 1;
    }
    return true;
}

enum module_line modules_next(struct span *list, char path[MODULE_PATH_ROOM]) {
    struct span line;
    while (span_next_line(list, &line)) {
        if (line.length == 0 || line.at[0] == '#')
            continue;
        return stays_below(line) && span_copy(line, path, MODULE_PATH_ROOM) ? MODULE_PATH : MODULE_BAD;
    }
    return MODULE_END;
}
