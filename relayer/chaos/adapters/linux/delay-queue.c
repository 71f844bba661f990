// Holds packets for a while and then lets them go on: delay-queue TABLE CHAIN DELAY_MILLISECONDS JITTER_MILLISECONDS LAST_MILLISECONDS
//
// It takes a free netfilter queue, adds a rule to that chain of that table of nft (family inet) which sends packets there, and prints
// "holding\n". Each packet is held for the delay, give or take up to the jitter (uniform); those of one flow keep their order. It ends after
// LAST_MILLISECONDS, at SIGTERM, and when its stdin ends, that is, with whoever started it: it empties the chain then, and what it holds goes
// on at once. Should it be killed, the kernel drops what it holds, and what comes after passes (bypass); so does what comes while it holds as
// much as it may (fail open).
#define _GNU_SOURCE
// Before the kernel's own headers, which then leave out what is in it.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// How many packets are held at most. On loopback each may be 64 KiB.
#define MOST_HELD 4096
#define QUEUES 65536
// What is copied of a packet: its headers, up to the ports.
#define HEADERS 64
#define FLOWS 65536
#define RECEIVE_BYTES (8 * 1024 * 1024)
#define MILLISECOND 1000000LL

struct held {
  long long due;
  // Packets come one after the other: of two that are due at once, the one with the lower place was first.
  uint64_t place;
  // As the kernel names it, in its byte order.
  uint32_t id;
};

static struct held heap[MOST_HELD];
static size_t held_count;
// When the last packet of a flow is due. Flows that share an entry keep their order together.
static long long last_due[FLOWS];
// The way to the queue, by which packets come as well.
static int packets;
static uint16_t queue;
static volatile sig_atomic_t is_over;

static void fail(const char *what) {
  fprintf(stderr, "delay-queue: %s: %s\n", what, strerror(errno));
  exit(1);
}

static long long now_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// Messages to the kernel, put together in a buffer that is large enough for each of ours.

struct message {
  union {
    struct nlmsghdr header;
    char bytes[1024];
  };
  size_t length;
};

static void *append(struct message *to, const void *data, size_t length) {
  void *const at = to->bytes + to->length;
  memset(at, 0, NLMSG_ALIGN(length));
  if (data != NULL) memcpy(at, data, length);
  to->length += NLMSG_ALIGN(length);
  return at;
}

static struct nlmsghdr *begin(struct message *to, int type, int flags, int family, uint16_t resource) {
  struct nlmsghdr *const header = append(to, NULL, sizeof *header);
  const struct nfgenmsg about = {.nfgen_family = (uint8_t)family, .version = NFNETLINK_V0, .res_id = htons(resource)};
  header->nlmsg_type = (uint16_t)type;
  header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  append(to, &about, sizeof about);
  return header;
}

static void end(struct message *to, struct nlmsghdr *header) {
  header->nlmsg_len = (uint32_t)(to->bytes + to->length - (char *)header);
}

static struct nlattr *nest(struct message *to, int type) {
  struct nlattr *const attribute = append(to, NULL, sizeof *attribute);
  attribute->nla_type = (uint16_t)(type | NLA_F_NESTED);
  return attribute;
}

static void end_nest(struct message *to, struct nlattr *attribute) {
  attribute->nla_len = (uint16_t)(to->bytes + to->length - (char *)attribute);
}

static void put(struct message *to, int type, const void *data, size_t length) {
  const struct nlattr attribute = {.nla_len = (uint16_t)(sizeof attribute + length), .nla_type = (uint16_t)type};
  append(to, &attribute, sizeof attribute);
  append(to, data, length);
}

static void put_text(struct message *to, int type, const char *text) { put(to, type, text, strlen(text) + 1); }

static int open_netfilter(void) {
  const int opened = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (opened < 0) fail("this kernel has no netfilter");
  return opened;
}

static void transmit(int to, const struct message *message) {
  const struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  if (sendto(to, message->bytes, message->length, 0, (const struct sockaddr *)&address, sizeof address) < 0)
    fail("the kernel takes no message");
}

// Sends what asks for one acknowledgement, where nothing else can come. Returns the error, 0 for none.
static int ask(int of, const struct message *message) {
  char answer[8192];
  transmit(of, message);
  const ssize_t length = recv(of, answer, sizeof answer, 0);
  const struct nlmsghdr *const header = (struct nlmsghdr *)answer;
  if (length < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || header->nlmsg_type != NLMSG_ERROR) return EPROTO;
  return -((struct nlmsgerr *)NLMSG_DATA(header))->error;
}

static struct nlmsghdr *begin_queue(struct message *to, int type, int flags) {
  return begin(to, NFNL_SUBSYS_QUEUE << 8 | type, flags, AF_UNSPEC, queue);
}

static int configure(int attribute, const void *data, size_t length) {
  struct message message = {.length = 0};
  struct nlmsghdr *const header = begin_queue(&message, NFQNL_MSG_CONFIG, NLM_F_ACK);
  put(&message, attribute, data, length);
  end(&message, header);
  return ask(packets, &message);
}

static void set(const char *what, int attribute, const void *data, size_t length) {
  if ((errno = configure(attribute, data, length)) != 0) fail(what);
}

// Any queue that nobody has.
static void take_queue(void) {
  const struct nfqnl_msg_config_cmd bind = {.command = NFQNL_CFG_CMD_BIND, .pf = htons(AF_INET)};
  const uint16_t first = (uint16_t)getpid();
  for (int i = 0; i < QUEUES; i++) {
    queue = (uint16_t)(first + i);
    errno = configure(NFQA_CFG_CMD, &bind, sizeof bind);
    if (errno == 0) break;
    if (errno != EBUSY) fail("this kernel gives no netfilter queue");
  }
  if (errno != 0) fail("no netfilter queue is free");
  const struct nfqnl_msg_config_params copy = {.copy_range = htonl(HEADERS), .copy_mode = NFQNL_COPY_PACKET};
  const uint32_t most = htonl(MOST_HELD), flags = htonl(NFQA_CFG_F_FAIL_OPEN | NFQA_CFG_F_GSO);
  set("the queue gives no packets", NFQA_CFG_PARAMS, &copy, sizeof copy);
  set("the queue takes no length", NFQA_CFG_QUEUE_MAXLEN, &most, sizeof most);
  struct message message = {.length = 0};
  struct nlmsghdr *const header = begin_queue(&message, NFQNL_MSG_CONFIG, NLM_F_ACK);
  put(&message, NFQA_CFG_FLAGS, &flags, sizeof flags);
  put(&message, NFQA_CFG_MASK, &flags, sizeof flags);
  end(&message, header);
  if ((errno = ask(packets, &message)) != 0) fail("the queue cannot fail open");
}

// What makes packets go to the queue: nft's own expression, or that of iptables in kernels that have this alone.

static void put_queue_expression(struct message *to) {
  const uint16_t number = htons(queue), total = htons(1), flags = htons(NFT_QUEUE_FLAG_BYPASS);
  put_text(to, NFTA_EXPR_NAME, "queue");
  struct nlattr *const data = nest(to, NFTA_EXPR_DATA);
  put(to, NFTA_QUEUE_NUM, &number, sizeof number);
  put(to, NFTA_QUEUE_TOTAL, &total, sizeof total);
  put(to, NFTA_QUEUE_FLAGS, &flags, sizeof flags);
  end_nest(to, data);
}

static void put_target_expression(struct message *to) {
  // Aligned as xtables wants it, or it is refused.
  const union {
    struct xt_NFQ_info_v3 info;
    uint64_t align;
  } target = {.info = {.queuenum = queue, .queues_total = 1, .flags = NFQ_FLAG_BYPASS}};
  const uint32_t revision = htonl(3);
  put_text(to, NFTA_EXPR_NAME, "target");
  struct nlattr *const data = nest(to, NFTA_EXPR_DATA);
  put_text(to, NFTA_TARGET_NAME, "NFQUEUE");
  put(to, NFTA_TARGET_REV, &revision, sizeof revision);
  put(to, NFTA_TARGET_INFO, &target, sizeof target);
  end_nest(to, data);
}

// The rules of a chain: adds one with an expression, or without one takes all of them away.
static int change_rules(const char *table, const char *chain, void (*put_expression)(struct message *)) {
  struct message message = {.length = 0};
  end(&message, begin(&message, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
  const int type = put_expression == NULL ? NFT_MSG_DELRULE : NFT_MSG_NEWRULE;
  const int flags = NLM_F_ACK | (put_expression == NULL ? 0 : NLM_F_CREATE | NLM_F_APPEND);
  struct nlmsghdr *const header = begin(&message, NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET, 0);
  put_text(&message, NFTA_RULE_TABLE, table);
  put_text(&message, NFTA_RULE_CHAIN, chain);
  if (put_expression != NULL) {
    struct nlattr *const expressions = nest(&message, NFTA_RULE_EXPRESSIONS);
    struct nlattr *const expression = nest(&message, NFTA_LIST_ELEM);
    put_expression(&message);
    end_nest(&message, expression);
    end_nest(&message, expressions);
  }
  end(&message, header);
  end(&message, begin(&message, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
  // A way of its own: the first packets may come before the answer.
  const int rules = open_netfilter();
  const int error = ask(rules, &message);
  close(rules);
  return error;
}

static void send_packets_here(const char *table, const char *chain) {
  errno = change_rules(table, chain, put_queue_expression);
  // A kernel without the expression says that there is no such thing; so it does of a table that is gone.
  if (errno == ENOENT) errno = change_rules(table, chain, put_target_expression);
  if (errno != 0) fail("nft cannot send packets to a queue here");
}

// Packets that are held: a heap, the one that is due first on top.

static int is_before(const struct held *a, const struct held *b) {
  return a->due != b->due ? a->due < b->due : a->place < b->place;
}

static void hold(struct held packet) {
  size_t at = held_count++;
  for (; at > 0 && is_before(&packet, &heap[(at - 1) / 2]); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
  heap[at] = packet;
}

static struct held take_first(void) {
  const struct held first = heap[0], moved = heap[--held_count];
  size_t at = 0;
  for (size_t child; (child = 2 * at + 1) < held_count; at = child) {
    if (child + 1 < held_count && is_before(&heap[child + 1], &heap[child])) child++;
    if (!is_before(&heap[child], &moved)) break;
    heap[at] = heap[child];
  }
  heap[at] = moved;
  return first;
}

static void let_go(uint32_t id) {
  const struct nfqnl_msg_verdict_hdr verdict = {.verdict = htonl(NF_ACCEPT), .id = id};
  struct message message = {.length = 0};
  struct nlmsghdr *const header = begin_queue(&message, NFQNL_MSG_VERDICT, 0);
  put(&message, NFQA_VERDICT_HDR, &verdict, sizeof verdict);
  end(&message, header);
  transmit(packets, &message);
}

static void let_due_go(long long now) {
  while (held_count > 0 && heap[0].due <= now) let_go(take_first().id);
}

// Which flow a packet of TCP belongs to, by its ports: all of them are on loopback.
static size_t flow_of(const uint8_t *packet, size_t length) {
  const size_t ports = length > 0 && packet[0] >> 4 == 4 ? (size_t)(packet[0] & 15) * 4 : 40;
  if (length < ports + 4) return 0;
  const uint32_t source = (uint32_t)packet[ports] << 8 | packet[ports + 1];
  const uint32_t destination = (uint32_t)packet[ports + 2] << 8 | packet[ports + 3];
  return (source * 40503U ^ destination) % FLOWS;
}

// From -1 to 1, each as likely.
static double give_or_take(void) {
  uint32_t drawn = 0;
  if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn) fail("no randomness");
  return drawn / 2147483647.5 - 1;
}

static void receive(const struct nlmsghdr *header, double delay, double jitter) {
  static uint64_t places;
  if (header->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET)) return;
  uint32_t id = 0;
  size_t flow = 0;
  const char *at = (const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct nfgenmsg));
  const char *const beyond = (const char *)header + header->nlmsg_len;
  while (at + sizeof(struct nlattr) <= beyond) {
    const struct nlattr *const attribute = (const struct nlattr *)at;
    const uint8_t *const data = (const uint8_t *)at + NLA_HDRLEN;
    if (attribute->nla_len < NLA_HDRLEN) break;
    if ((attribute->nla_type & NLA_TYPE_MASK) == NFQA_PACKET_HDR)
      memcpy(&id, data + offsetof(struct nfqnl_msg_packet_hdr, packet_id), sizeof id);
    if ((attribute->nla_type & NLA_TYPE_MASK) == NFQA_PAYLOAD) flow = flow_of(data, attribute->nla_len - NLA_HDRLEN);
    at += NLA_ALIGN(attribute->nla_len);
  }
  const double milliseconds = delay + (jitter > 0 ? jitter * give_or_take() : 0);
  long long due = now_nanoseconds() + (milliseconds > 0 ? (long long)(milliseconds * MILLISECOND) : 0);
  if (due < last_due[flow]) due = last_due[flow];
  last_due[flow] = due;
  // The kernel keeps no more packets for us than this.
  if (held_count == MOST_HELD) let_go(id);
  else hold((struct held){.due = due, .place = places++, .id = id});
}

// Returns whether there was anything.
static int receive_some(double delay, double jitter) {
  char bytes[65536];
  const ssize_t length = recv(packets, bytes, sizeof bytes, MSG_DONTWAIT);
  // What the kernel had no room to tell has passed, as it fails open.
  if (length < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) fail("the queue is gone");
  int left = (int)length;
  for (struct nlmsghdr *header = (struct nlmsghdr *)bytes; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left))
    receive(header, delay, jitter);
  return length > 0 || (length < 0 && errno != EAGAIN);
}

static void stop(int signal) {
  (void)signal;
  is_over = 1;
}

// waking: the signals that are let through while it waits, and at no other time: none can be missed
static void run(double delay, double jitter, long long until, const sigset_t *waking) {
  struct pollfd sources[] = {{.fd = packets, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
  for (long long now; !is_over && (now = now_nanoseconds()) < until;) {
    let_due_go(now);
    const long long next = held_count > 0 && heap[0].due < until ? heap[0].due : until;
    const long long wait = next > now ? next - now : 0;
    const struct timespec nap = {.tv_sec = wait / 1000000000LL, .tv_nsec = wait % 1000000000LL};
    if (ppoll(sources, 2, &nap, waking) < 0) continue;
    if (sources[0].revents != 0) receive_some(delay, jitter);
    char byte;
    if (sources[1].revents != 0 && read(STDIN_FILENO, &byte, 1) <= 0) return;
  }
}

int main(int count, char **words) {
  if (count != 6) {
    fprintf(stderr, "delay-queue: TABLE CHAIN DELAY_MILLISECONDS JITTER_MILLISECONDS LAST_MILLISECONDS\n");
    return 2;
  }
  const double delay = strtod(words[3], NULL), jitter = strtod(words[4], NULL);
  const long long until = now_nanoseconds() + (long long)(strtod(words[5], NULL) * MILLISECOND);
  sigset_t ending, waking;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigprocmask(SIG_BLOCK, &ending, &waking);
  signal(SIGTERM, stop);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  packets = open_netfilter();
  const int bytes = RECEIVE_BYTES;
  setsockopt(packets, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
  take_queue();
  send_packets_here(words[1], words[2]);
  printf("holding\n");
  fflush(stdout);
  run(delay, jitter, until, &waking);
  // From now on nothing comes; a table that is gone sends nothing either.
  change_rules(words[1], words[2], NULL);
  while (receive_some(0, 0)) continue;
  while (held_count > 0) let_go(take_first().id);
  return 0;
}
