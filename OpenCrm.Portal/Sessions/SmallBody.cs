using System.Net.Mime;
using System.Text;

namespace OpenCrm.Portal.Sessions;

/// <summary>
/// Reads the body of the two session posts: a ticket, or nothing. Strangers may post, so a longer body is not read, whether or not it announces its
/// length.
/// </summary>
internal static class SmallBody
{
    /// <summary>In bytes; a ticket in JSON is a small part of it.</summary>
    public const int Longest = 1024;

    /// <returns>Null: the body is longer.</returns>
    public static async Task<byte[]?> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > Longest) return null;
        var buffer = new byte[Longest + 1];
        var read = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        return read > Longest ? null : buffer[..read];
    }

    public static IResult TooLong() =>
        Results.Text(Texts.Http_TooLong, MediaTypeNames.Text.Plain, Encoding.UTF8, StatusCodes.Status413PayloadTooLarge);
}
