using System.Globalization;

namespace OpenCrm.Portal.Mail;

/// <summary>A text writer that does not grow beyond a number of characters.</summary>
internal sealed class BoundedText(int limit) : StringWriter(CultureInfo.InvariantCulture)
{
    /// <exception cref="TemplateFailedException">The text would be longer than the limit. All overloads throw it.</exception>
    public override void Write(char value)
    {
        Grow(1);
        base.Write(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        Grow(count);
        base.Write(buffer, index, count);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Grow(buffer.Length);
        base.Write(buffer);
    }

    public override void Write(string? value)
    {
        Grow(value?.Length ?? 0);
        base.Write(value);
    }

    private void Grow(int by)
    {
        if (GetStringBuilder().Length + by > limit)
            throw new TemplateFailedException(string.Format(CultureInfo.CurrentCulture, Texts.Mail_LiquidTextLong, limit));
    }
}
