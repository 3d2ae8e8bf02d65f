// Which languages’ words serve a tag.

/**
 * The tag, and those of which the words can be read as well, the nearest first: zh-TW gives zh-TW, zh-Hant, and not zh, which is
 * written in another script. Likely scripts are Unicode's (UTS 35, "Likely Subtags").
 */
export function tagsOf(tag: string): readonly string[] {
  try {
    const locale = new Intl.Locale(tag)
    const { language, script } = locale.maximize()
    const regional = locale.region ? [`${language}-${script}-${locale.region}`, `${language}-${locale.region}`] : []
    const near = [...regional, `${language}-${script}`, language]
    return [...new Set([tag, ...near.filter(each => new Intl.Locale(each).maximize().script === script)])]
  } catch {
    return [tag]
  }
}
