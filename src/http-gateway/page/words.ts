// Everything that the page says, in both languages.

export type Language = 'en' | 'ja'

const EN = {
  skip: 'Skip to the containers',
  search: 'Search for a container or host',
  containers: 'Containers',
  drawing: 'How this host reaches the others',
  leftOut: 'Cannot be opened',
  gateways: 'HTTP Gateways',
  note:
    'Plain HTTP without passwords: everyone on the LAN sees the same. Names (http://web.…) separate ' +
    'containers; links with ~ put all of them on one origin.',
  local: 'this host',
  p2p: 'direct path',
  gateway: 'gateway path',
  silent: 'not heard',
  here: 'The containers of this host need no path.',
  viaLan: 'Its containers are not known until its agent is heard again.',
  since: 'since {time}',
  reason: 'Reason: {reason}',
  history: 'Earlier changes',
  change: '{time}: {path}, {reason}',
  noContainers: 'No container that a browser can open.',
  noneAtAll:
    'No container can be opened yet. Publish a TCP port (podman run -p 8080:80 …), or set the label ' +
    'flatnet.http=true.',
  ports: 'choose a port:',
  also: 'also called {names}',
  gatewayUp: 'HTTP Gateway {address}',
  gatewayUnknown: 'HTTP Gateway {address}, not asked yet',
  gatewayDown: 'HTTP Gateway {address} does not answer',
  gatewayStranger: '{address} is another program, not its HTTP Gateway',
  found: '{shown} of {all} containers',
  notTold: 'The agent has told nothing yet. The page waits for it.',
  lost: 'This HTTP Gateway does not answer. What is shown is from {time}.',
  agentSilent:
    'The agent of this host has been silent for {seconds} seconds. What is shown is older than that.',
  openHost: '{host}, {path}',
  more: '{count} more hosts',
  picture: 'Drawing of the office: {host} in the middle, a line to each other host',
}

export type Word = keyof typeof EN

const JA: Readonly<Record<Word, string>> = {
  skip: 'コンテナの一覧へ移動',
  search: 'コンテナやホストを検索',
  containers: 'コンテナ',
  drawing: 'このホストからほかのホストへの経路',
  leftOut: '開けないもの',
  gateways: 'HTTP Gateway の一覧',
  note:
    '平文の HTTP で、パスワードはありません。LAN 上の全員に同じものが見えます。名前(http://web.…)で開けば' +
    'コンテナごとに分離されますが、~ の付くリンクではすべて同じオリジンになります。',
  local: 'このホスト',
  p2p: '直接経路',
  gateway: 'ゲートウェイ経路',
  silent: '応答なし',
  here: 'このホストのコンテナに経路は必要ありません。',
  viaLan: 'エージェントの応答が戻るまで、コンテナは分かりません。',
  since: '{time}から',
  reason: '理由: {reason}',
  history: 'これまでの変化',
  change: '{time}: {path}、{reason}',
  noContainers: 'ブラウザーで開けるコンテナはありません。',
  noneAtAll:
    'まだ開けるコンテナがありません。TCP ポートを公開する(podman run -p 8080:80 …)か、ラベル flatnet.http=true を付けてください。',
  ports: 'ポートを選択:',
  also: '別名 {names}',
  gatewayUp: 'HTTP Gateway {address}',
  gatewayUnknown: 'HTTP Gateway {address}(未確認)',
  gatewayDown: 'HTTP Gateway {address} が応答しません',
  gatewayStranger: '{address} はこのホストの HTTP Gateway ではなく、別のプログラムです',
  found: '{all} 個中 {shown} 個のコンテナ',
  notTold: 'エージェントからまだ情報が届いていません。届くまで待ちます。',
  lost: 'この HTTP Gateway が応答しません。表示は {time} のものです。',
  agentSilent: 'このホストのエージェントが {seconds} 秒間沈黙しています。表示はそれより前のものです。',
  openHost: '{host}、{path}',
  more: 'ほか {count} 台',
  picture: 'オフィスの図: 中央が {host}、そこから各ホストへの線',
}

// The reasons of src/paths/escalation/state.ts, for people who have never heard of it.
const REASONS: Readonly<Record<string, readonly [en: string, ja: string]>> = {
  'agent-start': ['the agent has started', 'エージェントが起動した'],
  adopted: ['taken over from before', '以前の経路を引き継いだ'],
  'agent-stop': ['the agent is ending', 'エージェントが終了する'],
  'agent-stalled': ['the agent stood still', 'エージェントが停止していた'],
  attempt: ['the direct path is being tried', '直接経路を試している'],
  recovered: ['the direct path works well', '直接経路が安定している'],
  'attempt-timeout': ['the direct path did not answer in time', '直接経路が時間内に応答しなかった'],
  silence: ['the direct path fell silent', '直接経路が途絶えた'],
  'one-way': ['the direct path works in one direction only', '直接経路が片方向しか通じない'],
  loss: ['too many packets were lost', 'パケットの損失が多い'],
  latency: ['the direct path was too slow', '直接経路が遅い'],
  mtu: ['large packets were lost', '大きなパケットが失われた'],
  'container-path': ['containers cannot use the direct path', 'コンテナが直接経路を使えない'],
  'link-gone': ['Nebula is not running', 'Nebula が動いていない'],
  'nebula-restarted': ['Nebula was restarted', 'Nebula が再起動した'],
  'peer-said': ['the other host left the direct path', '相手のホストが直接経路をやめた'],
  'peer-agent-gone': ["the other host's agent is gone", '相手のエージェントがいない'],
  certificate: ["the other host's certificate changed", '相手の証明書が変わった'],
}

let language: Language = 'en'

export function setLanguage(next: Language): void {
  language = next
}

/** Returns the text with its {places} filled in. */
export function say(word: Word, places: Readonly<Record<string, string>> = {}): string {
  const text = (language === 'ja' ? JA : EN)[word]
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => places[name] ?? whole)
}

export function reasonText(reason: string): string {
  const known = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined
  return known?.[language === 'ja' ? 1 : 0] ?? reason
}

/** A moment on this client's clock: the time alone if it was today. */
export function timeText(iso: string): string {
  const at = new Date(iso)
  const isToday = at.toDateString() === new Date().toDateString()
  return new Intl.DateTimeFormat(language, {
    ...(isToday ? {} : { dateStyle: 'medium' }),
    timeStyle: isToday ? 'medium' : 'short',
  }).format(at)
}
