/* Who is at the other end of a Unix socket, as the kernel knows it: an add-on for the runtime (Node-API 1), because
 * neither TypeScript nor the runtime can ask. One function, `peer(fd)`: {pid, uid, gid}, or undefined where there is none.
 * See unix(7), SO_PEERCRED. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* What is used of Node-API, whose ABI is stable; the runtime exports these. */
typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef int napi_status;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern napi_status napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
extern napi_status napi_get_value_int32(napi_env, napi_value, int32_t *);
extern napi_status napi_create_object(napi_env, napi_value *);
extern napi_status napi_create_uint32(napi_env, uint32_t, napi_value *);
extern napi_status napi_set_named_property(napi_env, napi_value, const char *, napi_value);
extern napi_status napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);

static int set(napi_env env, napi_value object, const char *name, uint32_t number) {
    napi_value value;
    return napi_create_uint32(env, number, &value) == 0 && napi_set_named_property(env, object, name, value) == 0;
}

static napi_value peer(napi_env env, napi_callback_info info) {
    size_t count = 1;
    napi_value argument, answer;
    int32_t fd;
    struct ucred found;
    socklen_t length = sizeof found;
    if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != 0 || count != 1 ||
        napi_get_value_int32(env, argument, &fd) != 0)
        return NULL;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &length) != 0 || length != sizeof found || found.pid <= 0)
        return NULL;
    if (napi_create_object(env, &answer) != 0 || !set(env, answer, "pid", (uint32_t)found.pid) ||
        !set(env, answer, "uid", found.uid) || !set(env, answer, "gid", found.gid))
        return NULL;
    return answer;
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports);

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
    napi_value function;
    if (napi_create_function(env, "peer", 4, peer, NULL, &function) == 0)
        napi_set_named_property(env, exports, "peer", function);
    return exports;
}
