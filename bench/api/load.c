/* A load generator for HTTP/1.1 on a Unix socket: as many connections as asked for, each sending the requests of a
 * round one after another and waiting for every answer. Prints one line of JSON.
 *
 *   load SOCKET CONNECTIONS SECONDS FILE…      each FILE one whole request
 *
 * In a request "@CCCCCC" becomes the number of the connection and "@VVVVVV" that of the round, both as seven digits. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { REQUESTS_MAXIMUM = 8, DIGITS = 7, EVENTS = 256, HEAD_ROOM = 8192, PIECE = 1 << 16 };

struct request {
    char *text;
    size_t length;
};

struct connection {
    int fd, number;
    unsigned round;
    int current;          /* the request whose answer is waited for */
    char *out;            /* that request with its numbers */
    size_t sent;
    char head[HEAD_ROOM]; /* the answer until its head is complete */
    size_t head_length;
    long long body_left;  /* -1 while the head is not complete */
};

static struct request requests[REQUESTS_MAXIMUM];
static int request_count;
static unsigned long long answers, rounds, refused, bytes;

static _Noreturn void die(const char *what) {
    fprintf(stderr, "load: cannot %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_request(const char *path) {
    struct request *request = &requests[request_count++];
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die("read a request");
    request->length = (size_t)ftell(file);
    rewind(file);
    request->text = malloc(request->length + 1);
    if (!request->text || fread(request->text, 1, request->length, file) != request->length)
        die("read a request");
    request->text[request->length] = 0;
    fclose(file);
}

static void put_number(char *text, size_t length, const char *mark, unsigned number) {
    char digits[DIGITS + 8];
    snprintf(digits, sizeof digits, "%07u", number % 10000000u);
    for (char *at = text; (at = memmem(at, length - (size_t)(at - text), mark, DIGITS)); at += DIGITS)
        memcpy(at, digits, DIGITS);
}

static void begin(struct connection *connection) {
    const struct request *request = &requests[connection->current];
    free(connection->out);
    connection->out = malloc(request->length);
    if (!connection->out)
        die("remember a request");
    memcpy(connection->out, request->text, request->length);
    put_number(connection->out, request->length, "@CCCCCC", (unsigned)connection->number);
    put_number(connection->out, request->length, "@VVVVVV", connection->round);
    connection->sent = connection->head_length = 0;
    connection->body_left = -1;
}

static void push(struct connection *connection) {
    size_t length = requests[connection->current].length;
    while (connection->sent < length) {
        ssize_t wrote = send(connection->fd, connection->out + connection->sent, length - connection->sent, MSG_NOSIGNAL);
        if (wrote < 0 && errno == EAGAIN)
            return;
        if (wrote < 0)
            die("send");
        connection->sent += (size_t)wrote;
    }
}

static void finish(struct connection *connection) {
    answers++;
    if (atoi(connection->head + 9) >= 300)
        refused++;
    if (++connection->current == request_count) {
        connection->current = 0;
        connection->round++;
        rounds++;
    }
    begin(connection);
    push(connection);
}

/* Takes what has come; an answer ends after as many bytes as its head says. */
static void take(struct connection *connection, const char *data, size_t length) {
    bytes += length;
    while (length > 0) {
        if (connection->body_left < 0) {
            size_t before = connection->head_length, room = HEAD_ROOM - 1 - before;
            size_t copied = length < room ? length : room;
            memcpy(connection->head + before, data, copied);
            connection->head[before + copied] = 0;
            char *end = strstr(connection->head, "\r\n\r\n");
            connection->head_length += copied;
            if (!end && connection->head_length == HEAD_ROOM - 1) {
                errno = EPROTO;
                die("read an answer");
            }
            if (!end)
                return;
            size_t used = (size_t)(end + 4 - connection->head) - before;
            const char *field = strcasestr(connection->head, "\r\ncontent-length:");
            connection->body_left = field && field < end ? atoll(field + 17) : 0;
            data += used;
            length -= used;
        }
        size_t body = length < (size_t)connection->body_left ? length : (size_t)connection->body_left;
        connection->body_left -= (long long)body;
        data += body;
        length -= body;
        if (connection->body_left == 0)
            finish(connection);
    }
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die("use the socket");
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        if (errno != EAGAIN)
            die("connect");
        else
            usleep(1000);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        die("set up a connection");
    return fd;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int count, char **words) {
    static char piece[PIECE];
    if (count < 5 || count > 4 + REQUESTS_MAXIMUM) {
        fprintf(stderr, "usage: load SOCKET CONNECTIONS SECONDS FILE...\n");
        return 2;
    }
    int connections = atoi(words[2]);
    for (int at = 4; at < count; at++)
        read_request(words[at]);
    struct connection *all = calloc((size_t)connections, sizeof *all);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    if (!all || poll < 0)
        die("start");
    for (int at = 0; at < connections; at++) {
        all[at].number = at;
        all[at].fd = connect_to(words[1]);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &all[at]};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, all[at].fd, &event) != 0)
            die("watch a connection");
    }
    double start = now(), end = start + atof(words[3]);
    for (int at = 0; at < connections; at++) {
        begin(&all[at]);
        push(&all[at]);
    }
    while (now() < end) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(poll, events, EVENTS, 100);
        for (int at = 0; at < ready; at++) {
            struct connection *connection = events[at].data.ptr;
            if (events[at].events & EPOLLOUT)
                push(connection);
            for (;;) {
                ssize_t got = recv(connection->fd, piece, sizeof piece, 0);
                if (got < 0 && errno == EAGAIN)
                    break;
                if (got <= 0)
                    die("read an answer: the server closed the connection");
                take(connection, piece, (size_t)got);
            }
        }
    }
    double seconds = now() - start;
    printf("{\"seconds\": %.4f, \"answers\": %llu, \"rounds\": %llu, \"refused\": %llu, \"bytes\": %llu}\n", seconds, answers,
           rounds, refused, bytes);
    return 0;
}
