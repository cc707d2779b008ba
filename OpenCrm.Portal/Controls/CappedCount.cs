namespace OpenCrm.Portal.Controls;

/// <summary>A number that is exact up to a limit.</summary>
public readonly record struct CappedCount(int Value)
{
    public const int Limit = 1_000;

    public bool IsMore => Value > Limit;
}
