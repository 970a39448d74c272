/* /etc/modules of the initramfs: one path of an uncompressed kernel module per line, in loading order. Empty lines and
 * lines that begin with # are passed over. */
#ifndef SPARKLER_MODULES_H
#define SPARKLER_MODULES_H

#include "span.h"

enum { MODULE_PATH_ROOM = 256 };

enum module_line { MODULE_PATH, MODULE_END, MODULE_BAD };

/* Takes the next path off the list. MODULE_BAD: a line that is too long, or leads out of the folder it is read from;
 * the next call goes on behind it. */
enum module_line modules_next(struct span *list, char path[MODULE_PATH_ROOM]);

#endif
