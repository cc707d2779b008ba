using System.Globalization;
using Microsoft.Playwright;
using OpenCrm.Portal.Tests.Support;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>Compares two folders of pictures pixel by pixel. The browser reads and writes them, because nothing else here can.</summary>
internal static class LookComparison
{
    private static readonly string[] Pictures = ["*.png", "*.webp"];

    // Draws equal pixels faintly and different ones in red.
    private const string Compare =
        """
        async ([before, after]) => {
          const read = async data => {
            const picture = await createImageBitmap(await (await fetch('data:;base64,' + data)).blob());
            const canvas = new OffscreenCanvas(picture.width, picture.height), context = canvas.getContext('2d');
            context.drawImage(picture, 0, 0);
            return context.getImageData(0, 0, picture.width, picture.height);
          };
          const [a, b] = [await read(before), await read(after)];
          const [width, height] = [Math.max(a.width, b.width), Math.max(a.height, b.height)];
          const shown = new ImageData(width, height);
          let different = 0, top = height, bottom = 0, left = width, right = 0;
          for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
            const inA = x < a.width && y < a.height, inB = x < b.width && y < b.height;
            const at = (y * width + x) * 4, atA = (y * a.width + x) * 4, atB = (y * b.width + x) * 4;
            const same = inA && inB && a.data[atA] === b.data[atB] && a.data[atA + 1] === b.data[atB + 1] && a.data[atA + 2] === b.data[atB + 2];
            if (same) shown.data.set([(a.data[atA] + 765) / 4, (a.data[atA + 1] + 765) / 4, (a.data[atA + 2] + 765) / 4, 255], at);
            else {
              shown.data.set([255, 0, 0, 255], at);
              different++;
              top = Math.min(top, y); bottom = Math.max(bottom, y); left = Math.min(left, x); right = Math.max(right, x);
            }
          }
          if (different === 0) return { different };
          const canvas = new OffscreenCanvas(width, height);
          canvas.getContext('2d').putImageData(shown, 0, 0);
          const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
          let text = '';
          for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
          return { different, where: `${left},${top} to ${right},${bottom}`, picture: btoa(text) };
        }
        """;

    /// <returns>1 where any pixel differs or a picture is missing.</returns>
    public static async Task<int> RunAsync(TextWriter report, string before, string after, string differences)
    {
        if (FoundTools.Chromium is not { } chromium)
        {
            await report.WriteLineAsync("No Chromium on this machine.");
            return 1;
        }
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(Looks.Quietly(chromium));
        return (await FindAsync(report, await browser.NewPageAsync(), before, after, differences)).Count == 0 ? 0 : 1;
    }

    /// <summary>Reports what differs, and writes a picture of each difference.</summary>
    /// <returns>The names of the pictures that differ or stand in one folder only.</returns>
    public static async Task<IReadOnlyList<string>> FindAsync(TextWriter report, IPage page, string before, string after, string differences)
    {
        if (Directory.Exists(differences))
            Directory.Delete(differences, recursive: true);
        Directory.CreateDirectory(differences);
        string[] NamesIn(string folder) => [.. Pictures.SelectMany(kind => Directory.GetFiles(folder, kind)).Select(file => Path.GetFileName(file))];
        var (inBefore, inAfter) = (NamesIn(before), NamesIn(after));
        var (same, pixels) = (0, 0L);
        List<string> differ = [];
        foreach (var name in inBefore.Union(inAfter).Order(StringComparer.Ordinal))
        {
            if (!inBefore.Contains(name) || !inAfter.Contains(name))
            {
                differ.Add(name);
                await report.WriteLineAsync($"{name}  only in {(inBefore.Contains(name) ? before : after)}");
                continue;
            }
            var (one, other) = (await File.ReadAllBytesAsync(Path.Combine(before, name)), await File.ReadAllBytesAsync(Path.Combine(after, name)));
            if (one.AsSpan().SequenceEqual(other))
            {
                same++;
                continue;
            }
            var told = (await page.EvaluateAsync(Compare, new[] { Convert.ToBase64String(one), Convert.ToBase64String(other) }))!.Value;
            var different = told.GetProperty("different").GetInt64();
            if (different == 0)
            {
                same++;
                continue;
            }
            differ.Add(name);
            pixels += different;
            var shown = Path.Combine(differences, Path.ChangeExtension(name, "png"));
            await File.WriteAllBytesAsync(shown, Convert.FromBase64String(told.GetProperty("picture").GetString()!));
            await report.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}  {different} pixels, {told.GetProperty("where").GetString()}"));
        }
        await report.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"{same} pictures the same, {differ.Count} different, {pixels} pixels"));
        return differ;
    }
}
