/* The fastest server that is still one: reads requests with a Content-Length, answers each with silence.
 *
 * It is there so that a load generator is what is measured. One thread, epoll, no allocation per request; prints its port.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 16384, BUFFER = 8192, EVENTS = 512 };

static char received[CONNECTIONS][BUFFER];
static size_t filled[CONNECTIONS];
static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nServer: responder\r\nContent-Type: text/xml\r\nContent-Length: 59\r\n\r\n"
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>";

/* The length of the first request, or 0 while it is not whole. */
static size_t whole(const char *bytes, size_t length) {
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    const char *field = memmem(bytes, end - bytes, "\r\nContent-Length: ", 18);
    size_t total = (end - bytes) + 4 + (field == NULL ? 0 : strtoul(field + 18, NULL, 10));
    return total <= length ? total : 0;
}

static int answer(int fd) {
    ssize_t got = recv(fd, received[fd] + filled[fd], BUFFER - 1 - filled[fd], 0);
    if (got <= 0)
        return -1;
    filled[fd] += got;
    received[fd][filled[fd]] = 0;
    for (size_t length; (length = whole(received[fd], filled[fd])) > 0;) {
        filled[fd] -= length;
        memmove(received[fd], received[fd] + length, filled[fd]);
        if (send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) < 0)
            return -1;
    }
    return 0;
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), poller = epoll_create1(0), one = 1;
    bind(listener, (struct sockaddr *)&address, size);
    listen(listener, 4096);
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                int accepted = accept(listener, NULL, NULL);
                if (accepted < 0 || accepted >= CONNECTIONS) {
                    close(accepted);
                    continue;
                }
                setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                filled[accepted] = 0;
                event.data.fd = accepted;
                epoll_ctl(poller, EPOLL_CTL_ADD, accepted, &event);
            } else if (answer(fd) < 0) {
                close(fd);
            }
        }
    }
}
