using System.Net.Mime;
using System.Text;

namespace OpenCrm.Portal.Sessions;

/// <summary>The body of the two posts: a ticket, or nothing. Strangers may send them, so what is longer is not read, whether its length is told or not.</summary>
internal static class SmallBody
{
    /// <summary>A ticket in JSON is a tenth of it.</summary>
    public const int Longest = 1024;

    /// <returns>Null: it is longer.</returns>
    public static async Task<byte[]?> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > Longest) return null;
        var buffer = new byte[Longest + 1];
        var read = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        return read > Longest ? null : buffer[..read];
    }

    public static IResult TooLong() => Results.Text(Texts.Http_TooLong, MediaTypeNames.Text.Plain, Encoding.UTF8, StatusCodes.Status413PayloadTooLarge);
}
