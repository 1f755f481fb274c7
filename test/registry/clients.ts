/** A pull, in seconds of the epoch. */
export interface Try {
  begin: number;
  end: number;
  ok: boolean;
}

/** A push that was acknowledged. */
export interface Pushed {
  tag: string;
  digest: string;
  begin: number;
  end: number;
}

/** Script that has a worker pull an image again and again, from nothing, each time for 10 s at most; what came of it is in /var/tmp/pulls. */
export function puller(image: string): string {
  const ctr = "ctr --namespace pulls images";
  return `rm -f /var/tmp/pulls
cat >/var/tmp/puller <<'END'
while :; do
  ${ctr} rm --sync ${image} >/dev/null 2>&1
  begin=$EPOCHREALTIME ok=false
  if timeout 10 ${ctr} pull --hosts-dir /etc/containerd/certs.d ${image} >/dev/null 2>&1; then ok=true; fi
  echo "$begin $EPOCHREALTIME $ok" >>/var/tmp/pulls
done
END
systemctl reset-failed puller 2>/dev/null
systemd-run --quiet --unit=puller bash /var/tmp/puller`;
}

/** Script that has a host push small images again and again, each under a tag of its own; those that were acknowledged are in /var/tmp/pushes. */
export function pusher(repository: string, prefix: string): string {
  return `cat >/var/tmp/pusher <<'END'
export SSL_CERT_FILE=/var/tmp/ca.crt HOME=/root
mkdir -p /var/tmp/content
for ((i = 1; ; i++)); do
  head -c 300000 /dev/urandom >/var/tmp/content/file
  tar -C /var/tmp/content -czf /var/tmp/content.tgz file
  begin=$EPOCHREALTIME
  told=$(timeout 10 /var/tmp/crane append --new_layer /var/tmp/content.tgz --new_tag ${repository}:${prefix}-$i 2>/dev/null) || continue
  echo "${prefix}-$i \${told##*@} $begin $EPOCHREALTIME" >>/var/tmp/pushes
  sync /var/tmp/pushes
done
END
systemctl reset-failed pusher 2>/dev/null
systemd-run --quiet --unit=pusher bash /var/tmp/pusher`;
}

/** Reads what the puller wrote; a line that is being written is left out. */
export function triesOf(text: string): Try[] {
  return text.split("\n").flatMap((line) => {
    const [begin, end, ok] = line.split(" ");
    if (ok !== "true" && ok !== "false") return [];
    return [{ begin: Number(begin), end: Number(end), ok: ok === "true" }];
  });
}

/** The longest time between the ends of two pulls that succeeded, within a span. */
export function without(tries: readonly Try[], from: number, to: number): number {
  const ends = tries.filter(({ ok }) => ok).map(({ end }) => end);
  const within = [from, ...ends.filter((end) => end > from && end < to), to];
  return Math.max(...within.slice(1).map((end, at) => end - (within[at] ?? end)));
}
