/* Copies the key to the clipboard. */
export { copy } from '../Credentials/RecoveryCodeSheet.razor.js';
