export { type EcKey, ecKey, ecKeyFromText, signDigest } from './ecdsa';
export {
  type KmsCall,
  type KmsFault,
  type KmsFaultHook,
  type KmsKey,
  type KmsOptions,
  type LocalKms,
  startKms,
} from './server';
