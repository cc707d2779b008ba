using Microsoft.Playwright;

namespace OpenCrm.Portal.Benchmarks;

/// <summary>Makes small files of pictures: the browser's WebP, without loss as long as that is small enough.</summary>
internal static class LookSqueeze
{
    private const string Squeeze =
        """
        async ([data, most]) => {
          const picture = await createImageBitmap(await (await fetch('data:;base64,' + data)).blob());
          const canvas = new OffscreenCanvas(picture.width, picture.height);
          canvas.getContext('2d', { alpha: false }).drawImage(picture, 0, 0);
          let blob;
          for (const quality of [1, 0.92, 0.85, 0.75, 0.65, 0.5, 0.4]) {
            blob = await canvas.convertToBlob({ type: 'image/webp', quality });
            if (blob.size <= most) break;
          }
          const bytes = new Uint8Array(await blob.arrayBuffer());
          let text = '';
          for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
          return btoa(text);
        }
        """;

    /// <param name="page">Any page that no policy binds, such as an empty one.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="most">The most bytes; the quality gives way before them.</param>
    public static async Task<byte[]> ToWebpAsync(IPage page, byte[] picture, int most) =>
        Convert.FromBase64String(await page.EvaluateAsync<string>(Squeeze, new object[] { Convert.ToBase64String(picture), most }));
}
