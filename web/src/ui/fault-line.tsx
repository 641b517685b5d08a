/** What went wrong, read out as it comes; nothing where nothing did. */
export const FaultLine = ({ fault }: { fault: string }) =>
  fault && (
    <p className="fault" role="alert">
      {fault}
    </p>
  )
