/** Texts that customers may write, and that a page must show without obeying. */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '</style><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '&lt;b&gt; &amp;amp; &#x3c;',
  '<!-- --> ]]> <![CDATA[',
  'abc\u202Etxt.exe\u2066\u200B\u00AD\uFEFF',
  '\uFEFFbyte order mark',
  '\u0000\u0007\u001B[31m\u0085\r\n',
  '\u{E0041}\u{E007F}\u3164\u2800\u{10FFFF}\uFFFE\u{F0000}',
  '👩‍👩‍👧‍👦 ❤️ 1️⃣ 𝒳',
  '   ',
  ' ends with a blank\u00A0\n',
  'U+202E',
  'x'.repeat(4_100),
  '😀<'.repeat(1_366),
];
