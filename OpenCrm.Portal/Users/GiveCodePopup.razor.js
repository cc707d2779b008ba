/* Copies the code to the clipboard. */
export { copy } from '../Credentials/RecoveryCodeSheet.razor.js';
