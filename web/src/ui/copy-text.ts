/** False where the browser does not allow it: only pages served over HTTPS, or from this machine, may. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
