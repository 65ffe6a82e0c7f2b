// Speaking and listening: the browser's voice for calls, and the microphone as the WAV that the server keeps.
const RATE = 8000; // samples a second, one channel, 16 bit

export function speak(text, language) {
  if (!window.speechSynthesis) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = { yue: "zh-HK", "cmn-CN": "zh-CN" }[language] || language || "zh-CN";
  window.speechSynthesis.speak(words);
}

export function hush() {
  if (window.speechSynthesis) window.speechSynthesis.cancel();
}

export const canRecord = () => Boolean(navigator.mediaDevices && window.MediaRecorder && window.OfflineAudioContext);

// Starts recording; returns a function that stops and gives the WAV.
export async function record() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const pieces = [];
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.start();
  return () =>
    new Promise((resolve, reject) => {
      recorder.addEventListener("stop", async () => {
        for (const track of stream.getTracks()) track.stop();
        try {
          resolve(await asWav(await new Blob(pieces).arrayBuffer()));
        } catch (error) {
          reject(error);
        }
      });
      recorder.stop();
    });
}

async function asWav(encoded) {
  const decoded = await new OfflineAudioContext(1, RATE, RATE).decodeAudioData(encoded);
  const target = new OfflineAudioContext(1, Math.max(1, Math.ceil(decoded.duration * RATE)), RATE);
  const source = target.createBufferSource();
  source.buffer = decoded;
  source.connect(target.destination);
  source.start();
  const samples = (await target.startRendering()).getChannelData(0);
  const file = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at, letters) => [...letters].forEach((letter, index) => file.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  file.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true);
  file.setUint16(22, 1, true);
  file.setUint32(24, RATE, true);
  file.setUint32(28, RATE * 2, true);
  file.setUint16(32, 2, true);
  file.setUint16(34, 16, true);
  text(36, "data");
  file.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, index) => file.setInt16(44 + index * 2, Math.max(-1, Math.min(1, sample)) * 0x7fff, true));
  return new Blob([file], { type: "audio/wav" });
}
