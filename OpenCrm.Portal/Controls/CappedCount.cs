namespace OpenCrm.Portal.Controls;

/// <summary>A count that is exact up to <see cref="Limit"/>.</summary>
public readonly record struct CappedCount(int Value)
{
    public const int Limit = 1_000;

    public bool IsMore => Value > Limit;
}
